# What the progress tells: a slow host among fast ones says when all is over, and is named.
start_origin --host 0.0.0.0
port=${ORIGIN##*:}
{
    seq -f "http://127.0.0.2:$port/slow/700/64x48.%.0f.png" 1001 1060
    seq -f "http://127.0.0.3:$port/ok/64x48.%.0f.png" 1001 1300
} >list.txt
"$IMGWEIGH" -f jsonl --dims never --host-concurrency 2 --progress always list.txt >out.jsonl 2>err.txt &
run=$!
for _ in $(seq 200); do
    [ "$(grep -c slow out.jsonl)" -ge 2 ] && break
    sleep 0.05
done
# the news of a lane is told now and then
for _ in $(seq 40); do
    kill -USR1 $run
    sleep 0.1
    grep -q " by http" err.txt && break
done
kill -TERM $run
wait $run
same 3 $? "exit status"
grep -qE "ETA [0-9]+[sm] by http://127.0.0.2:$port " err.txt || fail "no word on the slowest host: $(cat err.txt)"
