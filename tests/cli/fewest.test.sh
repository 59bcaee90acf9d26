# As few requests as prove it: what HEAD decides alone, what a host teaches, what is forced; bodies of no known size; and
# answers that are no image, or one picture for all.
start_origin
run() { imgweigh -q -f jsonl --max-retries 0 -t 20s "$@" list.txt >out.jsonl 2>err.txt; }
asked() { awk -F'\t' -v path="$1" 'index($5, path) == 1 {print $4}' "$LOG" | sort | uniq -c | awk '{printf "%s%s %s", sep, $2, $1; sep = ", "} END {print ""}'; }

# beyond the limit of every profile by HEAD: its header is not read; one profile that has no limit wants it read
echo "$ORIGIN/ok/decided/640x480.40000000.png" >list.txt
status 1 run -p openai,anthropic --max-bytes 30MB
same "over 40000000 content-length null 1" "$(field verdict bytes bytes_from width requests <out.jsonl)"
same "HEAD 1" "$(asked /ok/decided)"
status 1 run -p openai --max-bytes 30MB --dims always
same "640 2" "$(field width requests <out.jsonl)"
echo "$ORIGIN/ok/open/640x480.40000000.png" >list.txt
printf '%s\n' '[profile]' 'name = wide' '[limit max_side_px]' 'value = 100' 'source = s' 'confidence = official' >wide.ini
status 1 run --profile-dir . -p openai,wide
same "640 2" "$(field width requests <out.jsonl)"
# HEADs of a host that have failed more often than they told are not believed alone
{ seq -f "$ORIGIN/head405/bad/%.0fx1.1000.png" 2; echo "$ORIGIN/ok/bad/640x480.40000000.png"; } >list.txt
status 1 run -p openai --host-concurrency 1 --max-bytes 30MB
same "over 640 2" "$(grep 40000000 out.jsonl | field verdict width requests)"

# HEAD that is refused is given up after three; one that tells the truth makes room for one ranged GET
seq -f "$ORIGIN/head405/learn/10x10.%.0f.png" 1000 1019 >list.txt
status 0 run --host-concurrency 1 -j 1
same "GET 20, HEAD 3" "$(asked /head405/learn)"
seq -f "$ORIGIN/ok/learn/10x10.%.0f.png" 1000 1019 >list.txt
status 0 run --host-concurrency 1 -j 1
same "GET 20, HEAD 1" "$(asked /ok/learn)"
seq -f "$ORIGIN/ok/sizes/10x10.%.0f.png" 1000 1019 >list.txt
status 0 run --dims never
same "HEAD 20" "$(asked /ok/sizes)"
# forced
seq -f "$ORIGIN/ok/head/10x10.%.0f.png" 1000 1004 >list.txt
status 0 run --method head
same "HEAD 5" "$(asked /ok/head)"
same "5 unknown dims-unknown content-length" "$(field verdict rules bytes_from <out.jsonl | sort | uniq -c | sed 's/^ *//')"
seq -f "$ORIGIN/ok/range/10x10.%.0f.png" 1000 1004 >list.txt
status 0 run --method range --dims never
same "GET 5" "$(asked /ok/range)"
seq -f "$ORIGIN/head405/forced/10x10.%.0f.png" 1000 1004 >list.txt
status 1 run --method head
same "HEAD 5" "$(asked /head405/forced)"

# bodies of no known size are counted up to the limit, where that is wanted
for path in chunked-endless range-ignored-endless; do
    echo "$ORIGIN/$path/10x10.5000.png" >list.txt
    status 1 run -p none --max-bytes 1000000 --count-unknown
    same "over bytes-over at-least" "$(field verdict rules bytes_from <out.jsonl)" "$path"
    field bytes bytes_read <out.jsonl | awk '$1 <= 1000000 || $2 > 1400000 {exit 1}' || fail "$path: counted $(field bytes bytes_read <out.jsonl)"
done
echo "$ORIGIN/chunked/10x10.500000.png" >list.txt
status 0 run -p none --max-bytes 1000000 --count-unknown
same "ok 500000 counted" "$(field verdict bytes bytes_from <out.jsonl)"
status 0 run -p none --max-bytes 1000000
same "unknown null null" "$(field verdict bytes bytes_from <out.jsonl)"

# signed URLs that end soon go first
now=$(date -u +%Y%m%dT%H%M%SZ)
{ seq -f "$ORIGIN/ok/late/10x10.%.0f.png" 1000 1049
    for left in 900 600 300; do echo "$ORIGIN/ok/signed/10x10.1$left.png?X-Amz-Date=$now&X-Amz-Expires=$left"; done; } >list.txt
run -j 1 --host-concurrency 1 --method range
same "" "$(awk -F'\t' '$5 ~ "/ok/(late|signed)" {print NR, $5}' "$LOG" | awk '/signed/ {n++} n < 3 && /late/ {late++} END {if (late > 20) print late, "before"}')" "signed URLs waited"

# HTML for an image is looked at, though its size would do
echo "$ORIGIN/head-html/a.jpg" >list.txt
status 1 run -p none --max-bytes 20MB --dims never
same "broken not-an-image 2038" "$(field verdict rules bytes <out.jsonl)"

# one picture for all
seq -f "$ORIGIN/same/%.0f/a.png" 30 >list.txt
seq -f "http://localhost:$PORT/same/one.png?%.0f" 30 >>list.txt
status 0 run
same "23 placeholder
37 -" "$(field rules <out.jsonl | sort | uniq -c | sed 's/^ *//' | sort -n)"
status 0 imgweigh -f text --progress never list.txt >out.txt
contains out.txt "23 images of $ORIGIN share size and ETag with many others there: a placeholder?"
