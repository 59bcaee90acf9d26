# kill -9 at any moment leaves whole files or none, and no process; Ctrl-C once ends soon and says so, twice at once.
. "$TOP/tests/cli/fix_lib.sh"
isolated
mkdir in
for n in $(seq -w 20); do picture "in/$n.bmp" 240 200 "$n"; done
limits=(-q -p none --fit 100x100)
status 0 imgweigh fix "${limits[@]}" --out-dir whole in >out.txt
same 20 "$(find whole -type f | wc -l)" "files of an undisturbed run"

echo "== killed"
python3 - "$IMGWEIGH" "${limits[@]}" <<'PY' || fail "killed"
"""100 runs, each killed at a moment of a seeded choice, within 30 s."""
import os, random, shutil, signal, subprocess, sys, time
chance, began, runs, cut, files = random.Random(11), time.monotonic(), 0, 0, 0
t = time.monotonic()
subprocess.run([sys.argv[1], "fix", *sys.argv[2:], "--out-dir", "out", "in"], stdout=subprocess.DEVNULL, check=True)
length = time.monotonic() - t
shutil.rmtree("out")
while runs < 100 and time.monotonic() - began < 30:
    run = subprocess.Popen([sys.argv[1], "fix", *sys.argv[2:], "--out-dir", "out", "in"], stdout=subprocess.DEVNULL)
    try:
        run.wait(chance.uniform(0, length * 1.1))
    except subprocess.TimeoutExpired:
        cut += 1
    run.send_signal(signal.SIGKILL)
    run.wait()
    runs += 1
    for path, _, names in os.walk("out"):
        for name in names:
            made = open(f"{path}/{name}", "rb").read()
            assert made == open(f"{path}/{name}".replace("out", "whole", 1), "rb").read(), f"{path}/{name} is damaged"
            files += 1
    shutil.rmtree("out", ignore_errors=True)
print(f"# {runs} runs, {cut} of them cut short, {files} files")
assert cut > runs // 2 and files > 0
PY
no_strays

echo "== Ctrl-C, while pictures are made and fetched"
start_origin --files "$PWD/in"
{ seq -f "$ORIGIN/file/01.bmp?%.0f" 1 30; seq -f "$ORIGIN/fetch/stalled/02.bmp?%.0f" 1 3; seq -f "$ORIGIN/fetch/endless/02.bmp?%.0f" 4 5; } >list.txt
common=(-q -f jsonl -p none --max-bytes 20kB --dims never --method head -t 60s)
$IMGWEIGH fix "${common[@]}" list.txt >out.jsonl 2>err.txt &
pid=$!
for _ in $(seq 100); do
    [ "$(grep -c 'GET.*stalled' "$LOG")" -ge 1 ] && break
    sleep 0.05
done
sleep 0.3
began=$(date +%s%N)
kill -INT $pid
wait $pid
same 3 $? "exit status"
took=$((($(date +%s%N) - began) / 1000000))
[ $took -le 6500 ] || fail "it ended after $took ms"
same 36 "$(wc -l <out.jsonl)" "records and the mark"
same '{"incomplete":true,"why":"interrupted"}' "$(tail -n 1 out.jsonl)"
records_valid out.jsonl
grep -v '"incomplete"' out.jsonl | field action reason | sort | uniq -c | sed 's/^/# /'
same "" "$(grep -v '"incomplete"' out.jsonl | field action reason | grep -v '^recompressed null$' | grep -vE '^failed .*(stopped|larger than)')" "other ends"
no_strays

echo "== Ctrl-C, while all are being judged: whatever was asked about is told"
for wait in 0.08 0.12 0.16 0.2 0.25; do
    seq -f "$ORIGIN/file/01.bmp?$wait-%.0f" 1 400 >many.txt
    $IMGWEIGH fix "${common[@]}" many.txt >out.jsonl 2>err.txt &
    pid=$!
    sleep $wait
    kill -INT $pid
    wait $pid
    code=$?
    [ $code = 0 ] || same 3 $code "exit status" # 0: it came too early to be heard, or too late
    same "$((code / 3))" "$(grep -c '"incomplete"' out.jsonl)" "marks"
    grep -v '"incomplete"' out.jsonl | field url | LC_ALL=C sort >told.txt
    same "" "$(uniq -d told.txt)" "records told twice"
    awk -F'\t' -v o="$ORIGIN" -v m="[?]$wait-" '$5 ~ m {print o $5}' "$LOG" | LC_ALL=C sort -u | comm -23 - told.txt >untold.txt
    same "" "$(head -n 3 untold.txt)" "images asked about and not told of, of $(wc -l <untold.txt)"
done
no_strays

echo "== Ctrl-C, while offenders wait to be judged behind a reader that sleeps"
mkdir many
picture many/000.bmp 10 10
for n in $(seq -w 1 700); do ln many/000.bmp "many/$n.bmp"; done
ln in/01.bmp many/zz-1.bmp && ln in/02.bmp many/zz-2.bmp
mkfifo slow
{ sleep 1.2; cat; } <slow >out.jsonl &
reader=$!
$IMGWEIGH fix -q -f jsonl -p none --max-bytes 20kB many >slow 2>err.txt &
pid=$!
sleep 0.6
kill -INT $pid
wait $pid
same 3 $? "exit status"
wait $reader
same '{"incomplete":true,"why":"interrupted"}' "$(tail -n 1 out.jsonl)"
same "many/zz-1.bmp many/zz-2.bmp" "$(grep zz- out.jsonl | field url | tr '\n' ' ' | sed 's/ $//')" "offenders told of"
same 704 "$(wc -l <out.jsonl)" "records and the mark"

echo "== twice"
$IMGWEIGH fix "${common[@]}" list.txt >out.jsonl 2>err.txt &
pid=$!
sleep 1
kill -INT $pid
sleep 0.3
kill -INT $pid
wait $pid
same 130 $? "exit status after two"
no_strays
