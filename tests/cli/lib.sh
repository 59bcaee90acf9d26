# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# What the command-line tests share. Each test runs in a folder of its own, which is removed; servers end with it.
set -u
export HOME=$PWD XDG_CONFIG_HOME=$PWD/config LC_ALL=C.UTF-8 TERM=dumb
unset NO_COLOR CLICOLOR_FORCE http_proxy https_proxy

# The program, bounded in time; IW_WRAP may put valgrind in front.
imgweigh() {
    # shellcheck disable=SC2086
    timeout "${IW_TIMEOUT:-120}" ${IW_WRAP:-} "$IMGWEIGH" "$@"
}

fail() {
    echo "# $*"
    exit 1
}

skip() {
    echo "# SKIP $*"
    exit 77
}

# same EXPECTED ACTUAL WHAT
same() {
    [ "$1" = "$2" ] || fail "${3-value}: expected \"$1\", found \"$2\""
}

# status EXPECTED COMMAND...: the exit status must be this one
status() {
    local expected=$1 found=0
    shift
    "$@" || found=$?
    [ "$found" = "$expected" ] || fail "exit status $found instead of $expected: $*"
}

# contains FILE TEXT
contains() {
    grep -qF -- "$2" "$1" || { sed 's/^/# /' "$1"; fail "\"$2\" is not in $1"; }
}

# start_server NAME ARGUMENT...: a server of tests/origin, until the test ends; sets PORT
start_server() {
    local name=$1
    shift
    mkfifo "$name.hold"
    python3 "$TOP/tests/origin/$name.py" "$@" <"$name.hold" >"$name.out" &
    exec {hold}>"$name.hold"
    for _ in $(seq 200); do
        grep -q PORT= "$name.out" && break
        sleep 0.05
    done
    PORT=$(sed -n 's/^PORT=//p' "$name.out")
}

# start_origin [ARGUMENT...]: the scripted server; sets ORIGIN (its base URL) and LOG
start_origin() {
    LOG=$PWD/origin.log
    start_server origin --log "$LOG" "$@"
    ORIGIN=http://127.0.0.1:$PORT
}

# python_with MODULE: python3 is one that has it, the system's if need be
python_with() {
    python3 -c "import $1" 2>/dev/null && return
    [ -x /usr/bin/python3 ] && /usr/bin/python3 -c "import $1" 2>/dev/null && PATH=/usr/bin:$PATH
}

# start_nginx FOLDER [LINE...]: serves it by HTTP/1.1 (NGINX) and by HTTP/2 over TLS (NGINX_TLS, certificate in cert.pem, made where
# there is none); the lines go into its http block
start_nginx() {
    local nginx ports
    nginx=$(command -v nginx || echo /usr/sbin/nginx)
    [ -x "$nginx" ] && command -v openssl >/dev/null || skip "nginx or openssl is not installed"
    read -r -a ports < <(python3 -c '
import socket
s = [socket.socket() for _ in range(2)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])')
    [ -e cert.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
    mkdir -p ngx
    cat >nginx.conf <<CONF
daemon off; worker_processes 1; pid $PWD/nginx.pid; error_log $PWD/nginx.log;
events { worker_connections 1024; }
http {
    $([ $# -gt 1 ] && printf '%s\n    ' "${@:2}" || echo "access_log $PWD/access.log;")
    client_body_temp_path ngx/a; proxy_temp_path ngx/b; fastcgi_temp_path ngx/c; uwsgi_temp_path ngx/d; scgi_temp_path ngx/e;
    types { image/jpeg jpg jpeg; image/png png; image/gif gif; image/webp webp; image/bmp bmp; text/xml xml; }
    server {
        listen 127.0.0.1:${ports[0]};
        listen 127.0.0.1:${ports[1]} ssl http2;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        root $1;
    }
}
CONF
    chmod -R a+rX "$PWD" "$1" 2>/dev/null
    "$nginx" -p "$PWD" -c "$PWD/nginx.conf" -e "$PWD/nginx.log" &
    for _ in $(seq 100); do
        [ -s nginx.pid ] && break
        sleep 0.05
    done
    NGINX=http://127.0.0.1:${ports[0]}
    NGINX_TLS=https://localhost:${ports[1]}
}

# make_images FOLDER: the images of the demonstration catalogue
make_images() {
    python3 "$TOP/examples/catalogue/make-catalogue.py" "$1" "${2:-http://127.0.0.1}"
}

# faults TABLE PORT SCHEME OPTION...: every fault of the table, with its neighbours: see faults.py
faults() {
    local table=$TOP/tests/cli/$1 port=$2 scheme=$3 speed resolve patience
    shift 3
    mapfile -t resolve < <(python3 "$TOP/tests/cli/faults.py" resolve "$table" "$port")
    for speed in quick slow; do
        python3 "$TOP/tests/cli/faults.py" list "$table" "$port" "$scheme" $speed >$speed.txt
        patience=$([ $speed = quick ] && echo 20s || echo 2s)
        imgweigh --max-retries 0 -t "$patience" --max-redirects 10 -q -f jsonl "$@" "${resolve[@]}" $speed.txt >$speed.jsonl
        [ $? -le 1 ] || fail "exit status of $speed.txt"
    done
    python3 "$TOP/tests/cli/faults.py" check "$table" quick.jsonl slow.jsonl >wrong.txt || fail "$(cat wrong.txt)"
}

# field KEY... : of each JSON line on standard input, the values, separated by spaces
field() {
    python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    if "incomplete" in record:
        print("INCOMPLETE")
        continue
    values = []
    for key in sys.argv[1:]:
        value = record
        if key == "rules":
            value = ",".join(f["rule"] for f in record["findings"]) or "-"
        else:
            for part in key.split("."):
                value = value[part]
        values.append("null" if value is None else str(value).lower() if isinstance(value, bool) else str(value))
    print(*values)' "$@"
}
