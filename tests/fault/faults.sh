#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Failing allocations: whichever fails, the program ends by itself, with an exit status of its own and a word why, and
# never by a signal. TAP.
set -u
echo 1..2
if nm "$IMGWEIGH" 2>/dev/null | grep -q '__asan\|__tsan' || [ -n "${IW_WRAP-}" ]; then
    echo "ok 1 # SKIP an allocator of another kind is in place"
    echo "ok 2 # SKIP an allocator of another kind is in place"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
cc -shared -fPIC -O1 -o failing.so "$TOP/tests/fault/failing.c" || { echo "not ok 1 - the library does not build"; exit 1; }
python3 "$TOP/examples/catalogue/make-catalogue.py" www http://127.0.0.1:9 && rm -f www/img/heavy.png

# try NAME N ARG...: one run with the Nth allocation failing; says what is wrong
try() {
    local n=$1 status=0
    shift
    FAIL_MALLOC=$n LD_PRELOAD=$work/failing.so timeout 20 "$IMGWEIGH" "$@" >out 2>err </dev/null || status=$?
    case $status in
    0 | 1) ;;
    2 | 3 | 4) [ -s err ] || echo "allocation $n: exit status $status without a word" ;;
    *) echo "allocation $n: exit status $status"; tail -n 3 err ;;
    esac
}

sweep() {
    local step=$1 last=$2 n
    shift 2
    for ((n = 1; n <= last; n += n < 400 ? 1 : step)); do try "$n" "$@"; done
}

printf 'http://127.0.0.1:9/a.png\nbad\n<xml\n' >list.txt
gzip -k www/sitemap-pages.xml
wrong=$(sweep 37 2500 -q -f jsonl -o csv:x.csv -p openai,anthropic --include 'img|a' www/img www/sitemap-pages.xml.gz 2>&1)
[ -z "$wrong" ] && echo "ok 1 - local images and a sitemap" || { echo "not ok 1 - local images and a sitemap"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
wrong=$(sweep 37 2500 -q -f text --max-retries 0 --connect-timeout 1s list.txt 2>&1)
[ -z "$wrong" ] && echo "ok 2 - a list, and a server that is not there" || { echo "not ok 2 - a list, and a server that is not there"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
