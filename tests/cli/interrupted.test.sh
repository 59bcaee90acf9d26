# Ctrl-C at a dozen moments: what is left is valid, whole as far as it goes, the same in each format, and marked; each URL has one
# record at most; exit 3. SIGUSR1 tells how far it is.
start_origin
{ seq -f "$ORIGIN/ok/10x10.%.0f.png" 1000 5999; seq -f "$ORIGIN/status/404/%.0f.png" 200; seq -f "$ORIGIN/head405/10x10.%.0f.png" 1000 1999
    seq -f "$ORIGIN/redirect/2/10x10.%.0f.png" 1000 1499; seq -f "$ORIGIN/stall/%.0f.png" 2; } | sort -R --random-source=<(yes) >list.txt
# shellcheck disable=SC2086
python3 "$TOP/tests/cli/interrupted.py" list.txt "$LOG" ${IW_WRAP:-} "$IMGWEIGH" -q -f jsonl -o jsonl:o.jsonl -o csv:o.csv -o text:o.txt \
    -j 16 --max-retries 0 -t 1s list.txt >wrong.txt || fail "$(cat wrong.txt)"
