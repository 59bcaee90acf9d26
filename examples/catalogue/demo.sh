#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# demo.sh [OPTION...]: serves the demonstration catalogue by nginx on a free loopback port and audits it with imgweigh;
# without options, mends the offenders then, into the folder MENDED or a temporary one, and audits and repairs a batch file
# in the folder BATCH or a temporary one.
# Ends with the audit's exit status: 1, since a few images of the catalogue do not fit.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
imgweigh=${IMGWEIGH:?the path of the program}
work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    rm -rf "$work"
}
trap cleanup EXIT

nginx=$(command -v nginx || echo /usr/sbin/nginx)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port
mkdir "$work/www" "$work/tmp"
python3 "$here/make-catalogue.py" "$work/www" "$base"
cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $work/tmp/a; proxy_temp_path $work/tmp/b; fastcgi_temp_path $work/tmp/c;
    uwsgi_temp_path $work/tmp/d; scgi_temp_path $work/tmp/e;
    types { image/jpeg jpg; image/png png; image/gif gif; image/bmp bmp; text/html html; text/css css; text/xml xml; application/gzip gz; text/plain txt; }
    server { listen 127.0.0.1:$port; root $work/www; }
}
CONF
# nginx started by root drops its workers to another user, who must be able to read the catalogue
chmod -R a+rX "$work"
"$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/error.log" &
server=$!
for _ in $(seq 100); do
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$work/error.log" >&2; exit 3; }
    sleep 0.05
done
[ $# -gt 0 ] || echo "imgweigh $base/sitemap_index.xml"
status=0
"$imgweigh" "$base/sitemap_index.xml" "$@" || status=$?
if [ $# -eq 0 ]; then
    # what was never an image, or is not there, cannot be mended: fix says so and ends with 1
    printf '\nimgweigh fix --out-dir mended %s\n' "$base/sitemap_index.xml"
    mended=${MENDED:-$work/mended}
    (mkdir -p "$mended" && cd "$(dirname "$mended")" && "$imgweigh" fix --out-dir "$(basename "$mended")" "$base/sitemap_index.xml") || true
    # requests to a vision API with some of the images; the catalogue's server is a private one, which is fine here
    batch=${BATCH:-$work/batch}
    mkdir -p "$batch"
    python3 "$here/make-batch.py" "$work/www" "$base" >"$batch/batch.jsonl"
    cd "$batch"
    printf '\nimgweigh --private allow batch.jsonl\n'
    "$imgweigh" --private allow batch.jsonl || true
    printf '\nimgweigh fix --private allow --output repaired.jsonl batch.jsonl\n'
    "$imgweigh" fix --private allow --output repaired.jsonl batch.jsonl || true
fi
exit "$status"
