# Ctrl-C: what is known is reported and marked, exit 3; the second dies by the signal.
start_origin
{ seq -f "$ORIGIN/ok/10x10.%.0f.png" 1000 1400; seq -f "$ORIGIN/stall/10x10.%.0f.png" 1 100; } >list.txt
$IMGWEIGH -q -f jsonl -o csv:out.csv -j 8 -t 60s list.txt >out.jsonl 2>err.txt &
pid=$!
for _ in $(seq 100); do
    [ "$(wc -l <"$LOG")" -gt 407 ] && break
    sleep 0.1
done
kill -INT $pid
wait $pid
same 3 $? "exit status"
same INCOMPLETE "$(field verdict <out.jsonl | tail -n 1)"
contains out.csv ",incomplete,"
same 401 "$(field verdict <out.jsonl | grep -c '^ok')" "records kept"
$IMGWEIGH -q -f jsonl -j 8 -t 60s list.txt >out.jsonl 2>err.txt &
pid=$!
sleep 1
kill -INT $pid
sleep 0.5
kill -INT $pid
wait $pid
same 130 $? "exit status after two"
