#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# make bench-hosts: many hosts, in one run, against nginx on loopback. hosts-bench.sh [SCENARIO...] runs the functions
# scenario_SCENARIO below (all without an argument). HOSTS hosts (500), EACH URLs each (20), ROUNDS rounds (5) after one
# that warms up, JOBS requests at once (128, shared by lanes). The hosts are names of 127.1.x.y that tests/fault/names.c answers for.
set -euo pipefail
hosts=${HOSTS:-500} each=${EACH:-20} rounds=${ROUNDS:-5} jobs=${JOBS:-128}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cc -shared -fPIC -O1 -o "$work/names.so" "$TOP/tests/fault/names.c"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_hosts [LINE...]: nginx on all of 127.0.0.0/8, over TLS on port $tls (a certificate for *.hosts.test; $ca holds it behind the
# system's bundle, as who trusts one authority more has it) and without on port $plain; the lines go into its servers. How many
# connections it has accepted is told by $status.
start_hosts() {
    tls=$(free_port) plain=$(free_port) closing=$(free_port) ca=$work/bundle.pem
    status=http://127.0.0.1:$plain/status
    mkdir -p "$work/www" "$work/tmp"
    head -c 5000 /dev/zero >"$work/www/image.jpg"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" \
        -days 2 -subj /CN=hosts.test -addext 'subjectAltName=DNS:*.hosts.test' 2>/dev/null
    cat /etc/ssl/certs/ca-certificates.crt "$work/cert.pem" >"$ca" 2>/dev/null || cp "$work/cert.pem" "$ca"
    cat >"$work/nginx.conf" <<CONF
$(for module in /usr/lib/nginx/modules/ngx_http_echo_module.so; do [ ! -e $module ] || echo "load_module $module;"; done)
daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid $work/nginx.pid; error_log $work/error.log;
events { worker_connections 32768; }
http {
    limit_req_zone \$host zone=busy:1m rate=35r/s;
    access_log off; keepalive_requests 100000000; open_file_cache max=1000; server_tokens off;
    client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
    types { image/jpeg jpg; }
    ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    server {
        listen 0.0.0.0:$plain; listen 0.0.0.0:$tls ssl http2;
        root $work/www;
        location /status { stub_status; }
        location /i/ { try_files /none /image.jpg; }
        $*
    }
    server { # closes each connection
        listen 0.0.0.0:$closing ssl;
        keepalive_requests 1;
        root $work/www;
        location /i/ { try_files /none /image.jpg; }
    }
}
CONF
    chmod -R a+rX "$work"
    "$(command -v nginx || echo /usr/sbin/nginx)" -p "$work" -c "$work/nginx.conf" -e "$work/error.log" &
    server=$!
    for _ in $(seq 100); do curl -s -o "$work/tmp/up" "$status" && break; sleep 0.05; done
}

stop_hosts() {
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

# make_urls HOSTS EACH: $work/urls.txt, hosts in turn, and $work/curl.cfg
make_urls() {
    awk -v hosts="$1" -v each="$2" -v port="$tls" 'BEGIN {for (i = 0; i < each; i++) for (h = 0; h < hosts; h++)
        printf "https://at-1-%d-%d.hosts.test:%d/i/%d.jpg\n", h / 250, h % 250 + 1, port, i}' >"$work/urls.txt"
    sed 's|.*|url = &\noutput = /dev/null|' "$work/urls.txt" >"$work/curl.cfg"
    count=$(wc -l <"$work/urls.txt")
}

# measure NAME=COMMAND...: in turn, with the connections that nginx accepted
measure() { LD_PRELOAD=$work/names.so ACCEPTED=$status python3 "$TOP/tests/bench/measure.py" "$rounds" "$count" "$@"; }

ours() { echo "$IMGWEIGH -p none --max-bytes 20MB --dims never -f jsonl -q -j $jobs --cacert $ca $* $work/urls.txt >$work/out.jsonl"; }
# curls CERTIFICATES: curl 7.88 reads what it trusts for each connection, so that it matters what it is given
curls() { echo "curl -sS -Z --parallel-max $jobs -I --cacert $1 -w '%{stdout}%{url_effective} %{http_code} %header{content-length}\n' -K $work/curl.cfg >$work/curl.out"; }
check_ours() { echo "imgweigh's records: $(wc -l <"$work/out.jsonl"), with the right size: $(grep -c '"bytes":5000,' "$work/out.jsonl" || true)"; }

scenario_tls() {
    start_hosts
    make_urls "$hosts" "$each"
    echo "HEAD over TLS, $hosts hosts, $each URLs each, $jobs requests at once, names looked up"
    measure "imgweigh=$(ours)" "imgweigh --http1.1=$(ours --http1.1)" "imgweigh, 1 lane=$(ours --lanes 1)" \
        "bare libcurl loop=$BUILD/tests/bench/bare_multi $work/urls.txt $jobs $ca" "curl -Z -I, one certificate=$(curls "$work/cert.pem")"
    check_ours
    stop_hosts
}

# Each request has a connection of its own, which can resume a session.
scenario_closing() {
    start_hosts
    tls=$closing
    make_urls "$hosts" "$each"
    echo "HEAD over TLS, $hosts hosts that close each connection, $each URLs each, $jobs requests at once"
    measure "imgweigh=$(ours)" "imgweigh, 1 lane=$(ours --lanes 1)" "bare libcurl loop=$BUILD/tests/bench/bare_multi $work/urls.txt $jobs $ca" \
        "curl -Z -I, one certificate=$(curls "$work/cert.pem")"
    check_ours
    stop_hosts
}

# Both trust the system's bundle, as they do when nobody says otherwise: curl takes 24 ms for each connection then, so few hosts do.
scenario_bundle() {
    start_hosts
    make_urls 100 "$each"
    echo "HEAD over TLS, 100 hosts, $each URLs each, $jobs requests at once, the system's certificates"
    measure "imgweigh=$(ours)" "curl -Z -I=$(curls "$ca")"
    check_ours
    stop_hosts
}

# A host with one URL is asked once and never again.
scenario_once() {
    start_hosts
    make_urls $((hosts * 4)) 1
    echo "HEAD over TLS, $((hosts * 4)) hosts, 1 URL each, $jobs requests at once, names looked up"
    measure "imgweigh=$(ours)" "imgweigh --http1.1=$(ours --http1.1)" "imgweigh, 1 lane=$(ours --lanes 1)" \
        "bare libcurl loop=$BUILD/tests/bench/bare_multi $work/urls.txt $jobs $ca" \
        "curl -Z -I, one certificate=$(curls "$work/cert.pem")"
    check_ours
    stop_hosts
}

scenario_one() {
    start_hosts
    make_urls 1 $((hosts * each * 2))
    echo "HEAD over TLS, one host, $((hosts * each * 2)) URLs, 16 requests at once"
    measure "HTTP/2=$(ours --host-concurrency 16)" "HTTP/1.1=$(ours --host-concurrency 16 --http1.1)"
    check_ours
    stop_hosts
}

# slow_urls HOSTS EACH BIG: $work/urls.txt, host by host, on the port without TLS; the first host has BIG URLs more
slow_urls() {
    awk -v hosts="$1" -v each="$2" -v big="$3" -v port="$plain" 'BEGIN {for (h = 0; h < hosts; h++)
        for (i = 0; i < each + (h ? 0 : big); i++) printf "http://at-1-%d-%d.hosts.test:%d/slow/%d.jpg\n", h / 250, h % 250 + 1, port, i}' >"$work/urls.txt"
    count=$(wc -l <"$work/urls.txt")
}

slow_locations='location /slow/ { echo_sleep 0.2; echo_exec @image; } location @image { try_files /image.jpg =404; }'

# Every host answers after 200 ms, and none may have more than 8 requests at once: what the slowest host must wait is the
# least time that is possible: ceil(URLs of the host / 8) * 0.2 s. Starting with fewer at once, as the pace does, costs more.
scenario_slow() {
    start_hosts "$slow_locations"
    slow_urls 300 300 0
    echo "HEAD, 300 hosts that answer after 200 ms, 300 URLs each, in order of hosts, 8 at once to a host: at least 7.5 s"
    measure "imgweigh=$(ours -j 3000)"
    check_ours
    stop_hosts
}

# One host has half of all URLs: all is over when it is.
scenario_half() {
    start_hosts "$slow_locations"
    slow_urls 300 6 1794
    echo "HEAD, 300 hosts that answer after 200 ms, 6 URLs each but 1,800 of one, 8 at once to a host: at least 45 s"
    measure "imgweigh=$(ours -j 3000)"
    check_ours
    stop_hosts
}

# Of every 20 hosts one refuses connections, one answers 429 with Retry-After when it is asked more than 35 times a second (8 more in a burst), and
# one never answers; the same list with all of them sound is the clean run.
scenario_faulty() {
    start_hosts "$slow_locations"' limit_req_status 429; location /busy/ { limit_req zone=busy burst=8 nodelay; error_page 429 @busy; echo_sleep 0.2; echo_exec @image; }
        location @busy { add_header Retry-After 1 always; return 429; }
        location /dumb/ { echo_sleep 300; echo_exec @image; }'
    local dead=$((plain + 1))
    slow_urls 300 300 0
    cp "$work/urls.txt" "$work/clean.txt"
    awk -F'[-./:]' -v dead="$dead" '{n = $7 % 20} n == 5 {sub(/:[0-9]+\/slow/, ":" dead "/slow")} n == 10 {sub("/slow/", "/busy/")} n == 15 {sub("/slow/", "/dumb/")} 1' \
        "$work/clean.txt" >"$work/faulty.txt"
    echo "HEAD, 300 hosts of 300 URLs, 8 at once to a host, -t 2s; all sound, and with 15 dead, 15 throttling and 15 silent"
    measure "with faults=$(ours -j 3000 -t 2s | sed "s|$work/urls.txt|$work/faulty.txt|")" \
        "clean=$(ours -j 3000 -t 2s | sed "s|$work/urls.txt|$work/clean.txt|;s|out.jsonl|clean.jsonl|")"
    python3 - "$work/out.jsonl" <<'PY'
import collections, json, re, sys
kinds = collections.Counter()
for line in open(sys.argv[1]):
    record = json.loads(line)
    n = int(re.search(r"at-1-\d+-(\d+)", record["url"])[1]) % 20
    kinds[{5: "dead", 10: "throttling", 15: "silent"}.get(n, "sound"), record["verdict"], record["bytes"]] += 1
for key, count in sorted(kinds.items(), key=str):
    print(*key, count)
PY
    stop_hosts
}

echo "imgweigh: $("$IMGWEIGH" --version | head -n 2 | tr '\n' ' ')"
echo "$(nproc) cores, $rounds rounds"
[ $# -gt 0 ] || set -- tls once one
for scenario; do
    echo
    "scenario_$scenario"
done
