#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# make bench-headers: what the size in pixels costs, over a corpus of images with a truth.tsv that nginx serves on loopback. Counted is
# what nginx says that it answered and sent: each image has a host of its own, 127.1.x.y, so that nothing is learnt from one for another
# and every image is asked about by HEAD first.
set -euo pipefail
corpus=$(cd "${1:?usage: header-cost.sh CORPUS}" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
nginx=$(command -v nginx || echo /usr/sbin/nginx)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$work/tmp"
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/error.log; user root;
events { worker_connections 2048; }
http {
    log_format cost '\$host \$request_method \$status \$body_bytes_sent'; access_log $work/access.log cost;
    include /etc/nginx/mime.types; default_type application/octet-stream;
    client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
    server { listen 0.0.0.0:$port; root $corpus; }
}
CONF
[ "$(id -u)" = 0 ] || sed -i 's/ user root;//' "$work/nginx.conf"
"$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/error.log" &
server=$!
sleep 0.5
python3 "$TOP/tests/bench/header-cost.py" urls "$corpus/truth.tsv" "$port" >"$work/urls.txt"
"$IMGWEIGH" --version | head -n 1
"$nginx" -v 2>&1
for details in "" -v; do
    : >"$work/access.log"
    "$IMGWEIGH" -p none --dims always -f jsonl -q $details "$work/urls.txt" >"$work/out.jsonl" || [ $? = 1 ]
    sleep 0.2
    echo
    echo "imgweigh --dims always $details: beyond the HEAD"
    python3 "$TOP/tests/bench/header-cost.py" table "$work/out.jsonl" "$work/access.log"
done
