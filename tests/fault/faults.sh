#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Failing allocations: whichever fails, the program ends by itself, with an exit status of its own and a word why, and
# never by a signal. TAP.
set -u
echo 1..10
if nm "$IMGWEIGH" 2>/dev/null | grep -q '__asan\|__tsan' || [ -n "${IW_WRAP-}" ]; then
    for n in 1 2 3 4 5 6 7 8 9 10; do echo "ok $n # SKIP an allocator of another kind is in place"; done
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
    FAIL_MALLOC=$n LD_PRELOAD=$work/failing.so timeout -k 5 20 "$IMGWEIGH" "$@" >out 2>err </dev/null || status=$?
    case $status in
    0 | 1) ;;
    2 | 3 | 4) [ -s err ] || echo "allocation $n: exit status $status without a word" ;;
    *) echo "allocation $n: exit status $status"; tail -n 3 err ;;
    esac
}

# count ARG...: how many allocations a run makes
count() { FAIL_MALLOC=1000000000 FAIL_COUNT=1 LD_PRELOAD=$work/failing.so timeout -k 5 20 "$IMGWEIGH" "$@" 2>&1 >out </dev/null | tail -n 1; }

# is_whole: each line of the request file that was made is as it was, or repaired
is_whole() {
    awk 'FILENAME == ARGV[1] {was[FNR] = $0; next} FILENAME == ARGV[2] {want[FNR] = $0; next}
        $0 != was[FNR] && $0 != want[FNR] {bad = 1} END {exit bad || FNR != length(was)}' batch.jsonl want.jsonl made/batch.jsonl
}

# sweep ARG...: the first and the last ones, which are our own, closely; those of TLS between them now and then
sweep() {
    local last n
    last=$(count "$@")
    [ "$last" -gt 100 ] || echo "only $last allocations"
    for ((n = 1; n <= last; n += n < 40 ? 1 : n < last - 400 ? 97 : 2)); do
        rm -rf made
        try "$n" "$@"
        find made -type f -size 0 2>/dev/null
        [ ! -e made/batch.jsonl.gz ] || gzip -d made/batch.jsonl.gz || echo "allocation $n: a packed file is damaged"
        [ ! -e made/batch.jsonl ] || is_whole || echo "allocation $n: a request file is damaged"
    done
}

printf 'http://127.0.0.1:9/a.png\nbad\n<xml\n' >list.txt
# few requests to a server that refuses: with three it would be given time
cat >sitemap.xml <<'END'
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://127.0.0.1:9/page.html</loc></url></urlset>
END
gzip sitemap.xml
cat >page.html <<'END'
<!DOCTYPE html><title>&amp; <img></title><style>i { background: url(../a.png) }</style><script type="application/ld+json">
{"@type": "ImageObject", "url": "ftp://127.0.0.1/b.png"}</script><img srcset="http://127.0.0.1:9/c.png 2x, d.png"><svg><image href="e.png"></svg>
<link rel=stylesheet href=sheet.css><img src=www/img/photo-01.jpg width=1 srcset="www/img/photo-02.jpg 9w">
END
echo 'i { background: url(www/img/photo-03.jpg) }' >sheet.css
printf 'id,image_link,x\n1,"ftp://127.0.0.1/f.png",y\n' >rows.csv
echo '<rss><channel><item><enclosure type="image/png" url="ftp://127.0.0.1/g.png"/><description>&lt;img src=h.png&gt;</description></item></channel></rss>' >feed.xml
gif=R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==
echo '{"custom_id":"a","body":{"model":"m","messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/gif;base64,'$gif'"}},{"type":"image_url","image_url":"ftp://127.0.0.1/i.png"}]}]}}
{"custom_id":"a"}
{"custom_id":' >requests.jsonl
wrong=$(sweep -q -f jsonl -o csv:x.csv -o html:x.html -p openai,anthropic --max-retries 0 --include 'img|a' www/img sitemap.xml.gz page.html rows.csv feed.xml requests.jsonl 2>&1)
[ -z "$wrong" ] && echo "ok 1 - local images and documents of each kind" || { echo "not ok 1 - local images and documents of each kind"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
wrong=$(sweep -q -t 2s -f text --max-retries 0 --connect-timeout 1s list.txt 2>&1)
[ -z "$wrong" ] && echo "ok 2 - a list, and a server that is not there" || { echo "not ok 2 - a list, and a server that is not there"; sed 's/^/# /' <<<"$wrong" | head -n 20; }

# every format at once, with a summary for GitHub
printf 'http://127.0.0.1:9/a.png\nbad\nftp://127.0.0.1/b.png\nwww/img/photo-01.jpg\n' >list.txt
options=()
for format in $(sed -n 's/^IW_WRITER(\(.*\))/\1/p' "$TOP/src/report/writers.def" | tr _ -); do options+=(-o "$format:made.$format"); done
wrong=$(GITHUB_STEP_SUMMARY=summary.md sweep -q -f github "${options[@]}" -p openai --max-bytes 1kB --max-retries 0 --connect-timeout 1s list.txt www/img/photo-01.jpg 2>&1)
[ -z "$wrong" ] && echo "ok 3 - reports in every format" || { echo "not ok 3 - reports in every format"; sed 's/^/# /' <<<"$wrong" | head -n 20; }

# a history that is there already; whatever fails, it is whole afterwards
printf '*wide.png side-over never a banner\n*.jpg * 2020-01-01 over\n' >waivers.txt
"$IMGWEIGH" --history=h.db -q -f jsonl www/img >/dev/null 2>&1
rm www/img/icon-1.gif && cp www/img/wide.png www/img/more.png
whole() { python3 -c 'import sqlite3; print(*[row[0] for row in sqlite3.connect("h.db").execute("PRAGMA integrity_check") if row[0] != "ok"])'; }
wrong=$(sweep -q -f jsonl --history=h.db --waivers waivers.txt www/img 2>&1; whole)
[ -z "$wrong" ] && echo "ok 4 - a run that is recorded and compared" || { echo "not ok 4 - a run that is recorded and compared"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
wrong=$(sweep report -q -f text --history=h.db 1 2 2>&1; sweep history --history=h.db prune --keep 3 2>&1; whole)
[ -z "$wrong" ] && echo "ok 5 - what was recorded" || { echo "not ok 5 - what was recorded"; sed 's/^/# /' <<<"$wrong" | head -n 20; }

# a disk that is full for a moment: no file has a gap
seq -f 'ftp://127.0.0.1/%.0f.png' 600 >many.txt
wrong=
for n in 1 2 3 4 5 6 7 8; do
    rm -f gap.json
    FAIL_WRITE=$n LD_PRELOAD=$work/failing.so "$IMGWEIGH" -q -f urls -o json:gap.json many.txt >out 2>err
    [ ! -e gap.json ] || python3 -c 'import json; json.load(open("gap.json"))' 2>/dev/null || wrong="$wrong write $n"
done
[ -z "$wrong" ] && echo "ok 6 - a disk that is full for a moment" || { echo "not ok 6 - a disk that is full for a moment"; echo "#$wrong"; }

# fix: the parent alone, since the workers are given none of its environment
if [ ! -x "$(dirname "$IMGWEIGH")/imgweigh-worker" ]; then
    for n in 7 8 9 10; do echo "ok $n # SKIP the workers are not built"; done
    exit 0
fi
mkdir few && cp www/img/{scan.bmp,spinner.gif,mislabelled.jpg,login.jpg,photo-01.jpg} few
printf 'http://127.0.0.1:9/a.png\nbad\nftp://127.0.0.1/b.png\n' >list.txt
wrong=$(sweep fix -q -f jsonl --log log.jsonl --out-dir made --workers 1 few 2>&1)
[ -z "$wrong" ] && echo "ok 7 - fix of a folder" || { echo "not ok 7 - fix of a folder"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
wrong=$(sweep fix -t 2s -f text --output o.jsonl --inline all --max-retries 0 --connect-timeout 1s list.txt few 2>&1)
[ -z "$wrong" ] && echo "ok 8 - fix of a list and a folder" || { echo "not ok 8 - fix of a list and a folder"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
# a request file: one that is written is whole
python3 - <<'END'
import base64, json
wide = base64.b64encode(open("www/img/wide.png", "rb").read()).decode()
with open("batch.jsonl", "w") as file:
    for n, kind in enumerate(("png", "gif", "png")):
        image = {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{wide}"}}
        file.write(json.dumps({"custom_id": str(n), "body": {"messages": [{"role": "user", "content": [image]}]}}) + "\n")
    file.write("{\n")
END
fix=(fix -q --workers 1)
"$IMGWEIGH" "${fix[@]}" --output want.jsonl batch.jsonl >out 2>err
cmp -s want.jsonl batch.jsonl && echo "# nothing was repaired"
wrong=$(sweep "${fix[@]}" --out-dir made batch.jsonl 2>&1)
[ -z "$wrong" ] && echo "ok 9 - fix of a request file" || { echo "not ok 9 - fix of a request file"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
gzip -k batch.jsonl
wrong=$(sweep "${fix[@]}" --out-dir made batch.jsonl.gz 2>&1)
[ -z "$wrong" ] && echo "ok 10 - fix of a request file that is packed" || { echo "not ok 10 - fix of a request file that is packed"; sed 's/^/# /' <<<"$wrong" | head -n 20; }
