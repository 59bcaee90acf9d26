# A public host leads to private addresses, in every spelling: never followed, in one request each. In a network of its own,
# where a public address is ours; the same host's own images are weighed all the same.
unshare -rn true 2>/dev/null && command -v ip >/dev/null || skip "no network of our own is to be had"
export -f imgweigh fail skip same status field start_server start_origin
export TOP IMGWEIGH IW_WRAP="${IW_WRAP-}"
unshare -rn bash -u <<'END' || fail "private addresses"
ip link set lo up && ip addr add 8.8.4.4/32 dev lo || exit 1
trap 'kill $(jobs -p) 2>/dev/null' EXIT
start_origin --host 0.0.0.0
for host in 127.0.0.1 2130706433 017700000001 0177.0.0.1 0x7f000001 0x7f.1 127.1 0 localhost a.localhost \
    '[::1]' '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' '[::]' '[64:ff9b::7f00:1]' '[2002:7f00:1::]' \
    10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 '[fe80::1]' '[fd00::1]' rebound.test; do
    echo "http://8.8.4.4:$PORT/redirect-to/?to=http://$host:$PORT/ok/10x10.6666.png"
done >list.txt
echo "http://8.8.4.4:$PORT/redirect-to/?to=//127.0.0.1:$PORT/ok/10x10.6666.png" >>list.txt
echo "http://8.8.4.4:$PORT/redirect-to/?to=http://8.8.4.4:$PORT/redirect-to/?to=http://127.0.0.1:$PORT/ok/10x10.6666.png" >>list.txt
count=$(wc -l <list.txt)
seq -f "http://8.8.4.4:$PORT/ok/31x17.%.0f.png" 3000 3019 >>list.txt
# the name had a public address when the redirect was read, for all that anybody knows; it has a private one when it is asked
run() { imgweigh -q -f jsonl --max-retries 0 -t 20s --host-concurrency 2 --resolve "rebound.test:$PORT:127.0.0.1" "$@" list.txt; }
status 1 run >out.jsonl
same "$count broken private-address" "$(grep redirect-to out.jsonl | field verdict rules | sort | uniq -c | sed 's/^ *//')"
same "" "$(grep redirect-to out.jsonl | field requests bytes_read ms url | awk '$1 > 3 || $2 > 0 || $3 > 6000')" "what was spent"
same 20 "$(grep -c '"verdict":"ok"' out.jsonl)" neighbours
same "" "$(field url bytes <out.jsonl | awk '/31x17/ && $1 !~ "[.]" $2 "[.]png$"')" "a neighbour's size"
same 0 "$(cut -f 5 origin.log | grep -c '^/ok/10x10.6666.png')" "requests to private addresses"
# what the operator names and allows is another matter
run --private allow >out.jsonl
grep -q '"final_url":"http://127.0.0.1:.*"bytes":6666' out.jsonl || fail "--private allow does not follow"
END
