# Pages that are made to hurt, end to end: each ends with what was found and a message, in bounded time and memory.
cat >make.py <<'PY'
import sys
MB = 1000 * 1000
image = b"<img src=%s/ok/10x10.1000.png>" % sys.argv[1].encode()
def write(name, *parts):
    with open(name, "wb") as out:
        for part, count in parts:
            for _ in range(count // 1000):
                out.write(part * 1000)
            out.write(part * (count % 1000))
write("deep.html", (image, 1), (b"<div><table><td><svg><foreignObject>", 3 * MB), (image, 1))
write("unclosed.html", (image, 1), (b"<b><p>", 17 * MB), (image, 1))
write("attributes.html", (image, 1), (b"<img ", 1), (b"data-src=a srcset='b 1x' x=y ", 200000), (b">", 1))
write("value.html", (image, 1), (b"<img src='", 1), (b"a&amp;", 500000), (b"'>", 1))
write("nul.html", (b"<html>", 1), (b"\0", 3 * MB), (b"<im\0g>", 1), (image, 1), (b"<img src='/\0'>", 1))
write("charsets.html", (b"<meta charset=koi8-r><meta charset=utf-16>", 1), (image[:-1] + b"?\xc1>", 1),
      (b"<meta http-equiv=content-type content='text/html; charset=shift_jis'>", 1), (image[:-1] + b"?\xd0\xb0>", 1))
write("quote.html", (image, 1), (b"<img src=\"", 1), (image, 30000))
PY
start_origin --files "$PWD"
python3 make.py "$ORIGIN"
cat >limits.py <<'PY'
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write(f"{peak}\n")
sys.exit(status)
PY
limit_kb=98304
nm -D "$IMGWEIGH" 2>/dev/null | grep -q '__asan\|__tsan' && limit_kb=2000000
[ -n "${IW_WRAP:-}" ] && limit_kb=2000000
# audit STATUS FILE-OR-URL OPTION...: its records in out.jsonl, complaints in err.txt
audit() {
    local expected=$1 found=0
    shift
    # shellcheck disable=SC2086
    timeout 120 python3 limits.py peak.txt ${IW_WRAP:-} "$IMGWEIGH" -q -f jsonl --no-dedupe "$@" >out.jsonl 2>err.txt || found=$?
    same "$expected" "$found" "exit status of $*"
    [ "$(cat peak.txt)" -le $limit_kb ] || fail "$1 took $(cat peak.txt) kB"
}
images() { field url verdict <out.jsonl | grep -v INCOMPLETE | sed "s|$ORIGIN||" | sort | uniq -c | sed 's/^ *//' | tr '\n' ';'; }
png="/ok/10x10.1000.png ok"
for page in deep unclosed; do
    # the ceiling of a page ends it: the image before it is known, the one behind it is not
    audit 3 $page.html
    same "1 $png;" "$(images | sed 's/;1 $//')" "images of $page.html"
    contains err.txt "$page.html: the page is larger than 4194304 bytes and was read to there"
    audit 3 "$ORIGIN/file/$page.html"
    contains err.txt "/file/$page.html: the page is larger than 4194304 bytes and was read to there"
    # and where that is lifted, it is read to its end
    audit 0 --max-page-bytes 1GB $page.html
    same "2 $png;" "$(images)" "images of all of $page.html"
done
audit 3 attributes.html
same "1 $png;" "$(images | sed 's/;1 $//')" "images of attributes.html"
contains err.txt "attributes.html: the page is larger than 4194304 bytes and was read to there"
audit 1 --max-page-bytes 1GB attributes.html
same "1 $png;1 a broken;1 b broken;" "$(images)" "images of all of attributes.html"
audit 0 value.html
same "1 $png;" "$(images)" "images of value.html"
contains err.txt "value.html:1:" 
contains err.txt "the URL is too long and was passed over"
audit 1 nul.html
contains out.jsonl "/ok/10x10.1000.png\",\"final_url"
contains out.jsonl '"rule":"url-invalid"'
# the first charset that is known counts for all of the page
audit 0 charsets.html
same "1 /ok/10x10.1000.png?%D0%B0 ok;1 /ok/10x10.1000.png?%D0%BF%E2%95%9F ok;" "$(images)" "images of charsets.html"
audit 0 quote.html
same "1 $png;" "$(images)" "images of quote.html"
contains err.txt "quote.html:1:$((${#ORIGIN} + 29)): the page ends within this tag, which was passed over"
