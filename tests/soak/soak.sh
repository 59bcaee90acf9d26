#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# make soak: imgweigh against nginx behind a proxy that delays, cuts and resets at random (tests/soak/faulty_proxy.c), for
# SOAK_URLS URLs of SOAK_HOSTS hosts. Neighbours differ in length, so that the answer to another would show. Checks that
# every URL has exactly one verdict and its own length, and that memory and descriptors do not grow once the run is under way:
# without deduplication, whose table grows by 16 bytes a URL or more.
set -u
urls=${SOAK_URLS:-1000000} hosts=${SOAK_HOSTS:-50} faults=${SOAK_FAULTS:-100} seed=${SOAK_SEED:-1} jobs=${SOAK_JOBS:-256}
seconds=${SOAK_SECONDS:-1800}
work=$(mktemp -d)
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || { echo "soak: nginx is not installed"; exit 77; }
pids=()
cleanup() {
    exec 9>&-
    kill "${pids[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
read -r port behind < <(python3 -c '
import socket
s = [socket.socket() for _ in range(2)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])')

# 2,000 files of 1,000 to 2,999 bytes: the name ends in the length; which of a host's URLs this is stands in the query
mkdir -p www ngx
python3 - "$urls" "$hosts" "$port" <<'PY'
import struct, sys
urls, hosts, port = (int(a) for a in sys.argv[1:])
head = b"GIF89a" + struct.pack("<HH", 7, 5) + b"\0\0\0," + struct.pack("<HHHHB", 0, 0, 7, 5, 0) + b"\x02\x01\0\0;"
for size in range(1000, 3000):
    with open(f"www/{size}.gif", "wb") as file:
        file.write(head + bytes(size - len(head)))
with open("list.txt", "w") as out:
    for n in range(urls):
        out.write(f"http://127.1.0.{n % hosts + 1}:{port}/{1000 + n * 7919 % 2000}.gif?{n}\n")
PY
cat >nginx.conf <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
    access_log off; keepalive_requests 100000; keepalive_timeout 60s; open_file_cache max=4000; sendfile on; tcp_nopush on;
    client_body_temp_path ngx/a; proxy_temp_path ngx/b; fastcgi_temp_path ngx/c; uwsgi_temp_path ngx/d; scgi_temp_path ngx/e;
    types { image/gif gif; }
    server { listen 127.0.0.1:$behind backlog=4096; root $work/www; }
}
CONF
chmod -R a+rX "$work"
"$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/nginx.log" &
pids+=($!)
mkfifo hold
"$BUILD/tests/soak/faulty_proxy" "$port" "$behind" "$seed" "$faults" <hold >proxy.txt &
proxy=$!
pids+=("$proxy")
exec 9>hold
for _ in $(seq 100); do [ -s nginx.pid ] && break; sleep 0.05; done

python3 "$TOP/tests/soak/watch.py" "$seconds" memory.txt "$IMGWEIGH" -q -f jsonl --no-dedupe -j "$jobs" --max-retries 5 -t 5s list.txt >out.jsonl
status=$?
exec 9>&-
wait "$proxy"
echo "imgweigh ended with $status; the proxy: $(cat proxy.txt)"
[ $status -le 1 ] || exit 1
python3 "$TOP/tests/soak/judge.py" list.txt out.jsonl memory.txt
