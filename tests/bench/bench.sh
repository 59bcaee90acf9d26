#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# make bench: throughput beside peers, in one run, against nginx on loopback. N URLs (200000), IMAGES real images (20000),
# ROUNDS rounds (5) after one that warms up. Peers that are not installed are left out, and said to be.
set -euo pipefail
urls=${N:-200000} images=${IMAGES:-20000} rounds=${ROUNDS:-5} jobs=${JOBS:-16}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
nginx=$(command -v nginx || echo /usr/sbin/nginx)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port
mkdir -p "$work/www/i" "$work/tmp"
python3 "$TOP/examples/catalogue/make-catalogue.py" "$work/www" "$base"
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/error.log;
events { worker_connections 4096; }
http {
    access_log off; keepalive_requests 100000000; open_file_cache max=10000; sendfile on; tcp_nopush on;
    client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
    types { image/jpeg jpg; image/png png; image/gif gif; }
    server { listen 127.0.0.1:$port; root $work/www; location /i/ { try_files /none /img/photo-01.jpg; } }
}
CONF
chmod -R a+rX "$work"
"$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/error.log" &
server=$!
sleep 0.5

seq -f "$base/i/%07.0f.jpg" 1 "$urls" >"$work/urls.txt"
sed 's|.*|url = &\noutput = /dev/null|' "$work/urls.txt" >"$work/curl.cfg"
size=$(stat -c %s "$work/www/img/photo-01.jpg")

echo "imgweigh: $("$IMGWEIGH" --version | head -n 2 | tr '\n' ' ')"
for peer in curl wget2 node nginx; do command -v $peer >/dev/null && echo "$peer: $($peer --version 2>/dev/null | head -n 1 || nginx -v 2>&1)"; done
echo "$(nproc) cores, $rounds rounds, $jobs connections"
echo
echo "HEAD only, $urls URLs of one plaintext origin, what is learnt written to a file"
commands=("imgweigh=$IMGWEIGH -p none --max-bytes 20MB --dims never -f jsonl -q -j $jobs --host-concurrency $jobs $work/urls.txt >$work/out.jsonl"
    "bare libcurl loop=$BUILD/tests/bench/bare_multi $work/urls.txt $jobs")
command -v curl >/dev/null && commands+=("curl -Z -I=curl -sS -Z -I -w '%{stdout}%{url_effective} %{http_code} %header{content-length}\n' -K $work/curl.cfg >$work/curl.out") ||
    echo "curl is not installed"
command -v wget2 >/dev/null && commands+=("wget2 --spider=wget2 --spider -q -i $work/urls.txt") || echo "wget2 is not installed"
python3 "$TOP/tests/bench/measure.py" "$rounds" "$urls" "${commands[@]}"
right=$(grep -c "\"bytes\":$size,\"bytes_from\":\"content-\(length\|range\)\"" "$work/out.jsonl" || true) # a few by range, as proof
echo "imgweigh's records: $(wc -l <"$work/out.jsonl"), with the right size: $right"

echo
(cd "$work/www/img" && rm -f heavy.png scan.bmp login.jpg cut.png mislabelled.jpg && ls) >"$work/names.txt"
# the same headers in front of as many bytes as a photograph has
mkdir "$work/www/heavy"
python3 - "$work/www" <<'PY'
import os, sys
for name in sorted(os.listdir(sys.argv[1] + "/img")):
    with open(f"{sys.argv[1]}/img/{name}", "rb") as small, open(f"{sys.argv[1]}/heavy/{name}", "wb") as heavy:
        heavy.write(small.read() + bytes(400000))
PY
chmod -R a+rX "$work/www"
peer=
if command -v npm >/dev/null && (mkdir "$work/npm" && cd "$work/npm" && npm install --silent --no-audit --no-fund probe-image-size >/dev/null 2>&1); then
    peer="probe-image-size $(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$work/npm/node_modules/probe-image-size/package.json")"
fi
for set in img heavy; do
    echo "Size and dimensions, $images URLs of real JPEG, PNG and GIF files of $(du -sh "$work/www/$set" | cut -f 1) / $(wc -l <"$work/names.txt")"
    awk -v n="$images" -v b="$base/$set" '{name[NR] = $0} END {for (i = 0; i < n; i++) print b "/" name[i % NR + 1] "?" i}' "$work/names.txt" >"$work/real.txt"
    commands=("imgweigh=$IMGWEIGH -p none --max-side 100000 --dims always -f jsonl -q -j $jobs --host-concurrency $jobs $work/real.txt >$work/real.jsonl")
    if [ -n "$peer" ]; then
        commands+=("$peer=env -C $work/npm node $TOP/tests/bench/probe-image-size.mjs $work/real.txt $jobs")
    else
        echo "probe-image-size cannot be installed"
    fi
    python3 "$TOP/tests/bench/measure.py" "$rounds" "$images" "${commands[@]}"
    echo "imgweigh's records: $(wc -l <"$work/real.jsonl"), with width: $(grep -c '"width":[0-9]' "$work/real.jsonl")"
    echo
done

echo "Header scanning alone"
"$BUILD/tests/bench/bench_scan"
