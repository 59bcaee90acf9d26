# Connections: kept while a host has more URLs, however hosts take turns; closed when nothing more is known; cut to the
# descriptors that there are, with a word; and hosts that libcurl has forgotten are asked again.
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] && command -v cc >/dev/null || skip "nginx or a compiler is not installed"
cc -shared -fPIC -O1 -o names.so "$TOP/tests/fault/names.c" || fail "the library does not build"
start_origin
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir ngx www
head -c 5000 /dev/zero >www/image
cat >nginx.conf <<CONF
daemon off; worker_processes 1; pid $PWD/nginx.pid; error_log $PWD/nginx.log;
events { worker_connections 4096; }
http {
    log_format which '\$connection'; access_log $PWD/access.log which;
    client_body_temp_path ngx/a; proxy_temp_path ngx/b; fastcgi_temp_path ngx/c; uwsgi_temp_path ngx/d; scgi_temp_path ngx/e;
    server {
        listen 0.0.0.0:$port;
        root $PWD/www;
        location / { types { } default_type image/jpeg; try_files /image =404; }
        location /status { stub_status; access_log off; }
    }
}
CONF
chmod -R a+rX "$PWD"
"$nginx" -p "$PWD" -c "$PWD/nginx.conf" -e "$PWD/nginx.log" &
for _ in $(seq 100); do [ -s nginx.pid ] && break; sleep 0.05; done
# weigh ARG...: sizes alone
weigh() {
    rm -f names.log
    : >access.log
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 NAMES_LOG=$PWD/names.log LD_PRELOAD=$PWD/names.so \
        imgweigh -q -f jsonl -p none --max-bytes 20MB --dims never "$@"
}
connections() { sort -u access.log | wc -l; }
# hosts COUNT PATH
hosts() { for ((i = 0; i < $1; i++)); do echo "http://at-1-$((i / 250))-$((i % 250 + 1)).hosts.test:$port/$2"; done; }

for round in 1 2 3 4; do hosts 700 $round; done >list.txt
weigh --lanes 1 --host-concurrency 1 list.txt >out.jsonl || fail "exit status $?"
same 2800 "$(grep -c '"bytes":5000,' out.jsonl)" "sizes of hosts that take turns"
[ "$(connections)" -lt 800 ] || fail "$(connections) connections for 700 hosts"
same 700 "$(wc -l <names.log)" "lookups for 700 hosts"

seq -f "http://127.0.0.1:$port/%.0f" 3000 >list.txt
weigh --host-concurrency 4 list.txt >out.jsonl || fail "exit status $?"
same 3000 "$(grep -c '"bytes":5000,' out.jsonl)" "sizes of one host"
[ "$(connections)" -le 32 ] || fail "$(connections) connections for one host"

# one host stalls: by then the others' connections are closed
{ hosts 300 once; echo "$ORIGIN/stall/10x10.1.png"; } >list.txt
weigh -t 4s --max-retries 0 list.txt >out.jsonl &
for _ in $(seq 60); do
    active=$(python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().split()[2].decode())' "http://127.0.0.1:$port/status")
    [ "$(wc -l <access.log)" -ge 300 ] && [ "$active" -le 2 ] && break
    sleep 0.05
done
wait $!
same 300 "$(wc -l <access.log)" "requests"
[ "$active" -le 2 ] || fail "$active connections are kept of hosts that have had all their requests"

hosts 300 few >list.txt
(ulimit -n 150 && weigh --lanes 1 -j 400 list.txt) >out.jsonl 2>err.txt || fail "exit status $?: $(cat err.txt)"
contains err.txt "requests at once in each lane: there are too few descriptors"
same 300 "$(grep -c '"bytes":5000,' out.jsonl)" "sizes with few descriptors"
