# --suggest: offenders of image services are told with a variant that was asked for and passes, and with no other.
start_origin
cat >list.txt <<END
$ORIGIN/imgix/4000x3000.2500000.jpg?ixlib=a
$ORIGIN/imgix/3000x1000.30000000.png?ixlib=a&v=2
$ORIGIN/imgix/800x600.50000.jpg?ixlib=a
$ORIGIN/imgix/4000x3000.2400000.jpg?ixlib=deaf
$ORIGIN/imgix/4000x3000.2400000.jpg?ixlib=crop
$ORIGIN/imgix/4000x3000.2400000.jpg?ixlib=gone
$ORIGIN/cdn-cgi/image/width=4000/4000x2000.2000000.jpg
$ORIGIN/ok/4000x3000.2400000.jpg
$ORIGIN/imgix/4000x3000.2500000.jpg?ixlib=a
END
said() {
    python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    s = r["suggestion"]
    print(r["url"].replace(sys.argv[1], ""), r["verdict"], *([s["url"].replace(sys.argv[1], ""), s["bytes"], s["width"], s["height"]] if s else ["-"]))' "$ORIGIN"
}
asked() { awk -F'\t' '{print $5}' "$LOG" | sort -u | wc -l; }
status 1 imgweigh -q -f jsonl -p none --max-side 2048 --max-bytes 20MB --suggest list.txt >out.jsonl
said <out.jsonl | sort >found.txt
cat >expected.txt <<'END'
/cdn-cgi/image/width=4000/4000x2000.2000000.jpg over /cdn-cgi/image/width=2048,height=1024,fit=scale-down,quality=85/4000x2000.2000000.jpg 524288 2048 1024
/imgix/3000x1000.30000000.png?ixlib=a&v=2 over /imgix/3000x1000.30000000.png?ixlib=a&v=2&w=2048&h=2048&fit=max&fm=jpg&q=85 1747626 2048 683
/imgix/4000x3000.2400000.jpg?ixlib=crop over -
/imgix/4000x3000.2400000.jpg?ixlib=deaf over -
/imgix/4000x3000.2400000.jpg?ixlib=gone over -
/imgix/4000x3000.2500000.jpg?ixlib=a over /imgix/4000x3000.2500000.jpg?ixlib=a&w=2048&h=1536&fit=max&q=85 655360 2048 1536
/imgix/4000x3000.2500000.jpg?ixlib=a over /imgix/4000x3000.2500000.jpg?ixlib=a&w=2048&h=1536&fit=max&q=85 655360 2048 1536
/imgix/800x600.50000.jpg?ixlib=a ok -
/ok/4000x3000.2400000.jpg over -
END
diff expected.txt found.txt || fail "suggestions differ"
same 14 "$(asked)" "URLs that were asked for: eight, and six variants"
# for people
imgweigh -p none --max-side 2048 --suggest list.txt >out.txt
contains out.txt "use this URL instead: 655 kB, 2048x1536"
contains out.txt "      $ORIGIN/imgix/4000x3000.2500000.jpg?ixlib=a&w=2048&h=1536&fit=max&q=85"
imgweigh explain -p none --max-side 2048 --suggest "$ORIGIN/imgix/4000x3000.2500000.jpg?ixlib=a" >out.txt
contains out.txt "Use this URL instead: 655 kB, 2048x1536"
# off by default
: >"$LOG"
status 1 imgweigh -q -f jsonl -p none --max-side 2048 list.txt >out.jsonl
same 9 "$(said <out.jsonl | grep -c ' -$')" "records without a suggestion"
same 8 "$(asked)" "URLs that were asked for"
# late references to a picture that was told long ago have the same suggestion
{
    head -n 1 list.txt
    seq -f "$ORIGIN/ok/10x10.%.0f.png" 1000 1800
    head -n 1 list.txt
} >late.txt
status 1 imgweigh -q -f jsonl -p none --max-side 2048 --suggest --lanes 1 -j 4 late.txt >out.jsonl
same 2 "$(said <out.jsonl | grep -c ' 655360 2048 1536$')" "suggestions for a picture that is named early and late"
# what robots.txt forbids is not asked for, and signed URLs are left alone
echo "$ORIGIN/imgix/4000x3000.2500000.jpg?ixlib=a&s=0123456789abcdef" >signed.txt
status 1 imgweigh -q -f jsonl -p none --max-side 2048 --suggest signed.txt >out.jsonl
same "null" "$(field suggestion <out.jsonl)" "a signed URL"
# a run that is stopped tells what it knows
: >"$LOG"
"$IMGWEIGH" -q -f jsonl -p none --max-side 2048 --suggest --host-rate 3/s list.txt >out.jsonl &
for _ in $(seq 200); do
    [ "$(asked)" -ge 2 ] && break
    sleep 0.05
done
kill -TERM $!
wait $!
contains out.jsonl '"incomplete":true'
same 9 "$(said < <(grep -v incomplete out.jsonl) | wc -l)" "records of a run that was stopped"
# with a history offenders keep their places while their variants are asked for, however many there are
seq -f "$ORIGIN/imgix/4000x3000.25000%02.0f.jpg?ixlib=a" 40 >offenders.txt
IW_TIMEOUT=60 status 1 imgweigh -q -f jsonl -p none --max-side 2048 --suggest --history=h.db offenders.txt >out.jsonl
same 40 "$(said <out.jsonl | grep -c ' 2048 1536$')" "suggestions of a run that is recorded"
IW_TIMEOUT=60 status 1 imgweigh -q -f jsonl -p none --max-side 2048 --suggest --history=few.db -j 2 --host-concurrency 1 offenders.txt >out.jsonl
same 40 "$(said <out.jsonl | grep -c ' 2048 1536$')" "suggestions where few may be asked at once"
