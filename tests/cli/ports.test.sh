# Connections to many hosts share local ports: what is known of one must not be taken for another's. In a network of its own,
# with twenty local ports for sixty hosts, which answer slowly enough for answers to wait for proof.
unshare -rn true 2>/dev/null && command -v ip >/dev/null || skip "no network of our own is to be had"
export -f imgweigh fail skip same status field start_server start_origin
export TOP IMGWEIGH IW_WRAP="${IW_WRAP-}"
unshare -rn bash -u <<'END' || fail "shared ports"
ip link set lo up || exit 1
trap 'kill $(jobs -p) 2>/dev/null' EXIT
start_origin --host 0.0.0.0
echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range || exit 1
for n in $(seq 12); do
    for host in $(seq 60); do echo "http://127.1.0.$host:$PORT/slow/100/$((host + 10))x10.$((host * 1000 + n)).png"; done
done >list.txt
imgweigh -q -f jsonl --dims never -j 120 --host-concurrency 2 list.txt >out.jsonl || fail "exit status $?"
same 720 "$(grep -c '"verdict":"ok"' out.jsonl)" "sound records"
same "" "$(field url bytes <out.jsonl | awk '$1 !~ "[.]" $2 "[.]png$"')" "another's size"
same "720 HEAD" "$(cut -f 4 origin.log | sort | uniq -c | sed 's/^ *//')" "requests: no host is blamed for another's bytes"
END
