# Exit statuses, and where output goes.
start_origin
ok=$ORIGIN/ok/10x10.1000.png over=$ORIGIN/ok/3000x10.1000.png warn=$ORIGIN/wrong-type/10x10.1000.png undecided=$ORIGIN/status/500/a.png
run() { imgweigh -q -f jsonl --max-retries 0 "$@" >out.jsonl 2>err.txt; }
status 0 run "$ok"
status 1 run "$ok" "$over"
status 0 run --fail-on never "$over"
status 0 run "$warn"
status 1 run --fail-on warning "$warn"
status 0 run "$undecided"
status 3 run --strict "$undecided"
status 1 run --strict "$undecided" "$over"
status 3 run "$over" not-there.txt
# files beside standard output, whole or not at all
status 1 imgweigh -q -f text -o jsonl:a.jsonl -o csv:b.csv "$ok" "$over" >out.txt
same 2 "$(wc -l <a.jsonl)"
same 3 "$(wc -l <b.csv)"
contains out.txt "side-over"
[ -z "$(ls ./*.tmp-* 2>/dev/null)" ] || fail "a temporary file is left"
status 3 imgweigh -q -o jsonl:/nonexistent/x "$ok" 2>err.txt
contains err.txt "/nonexistent/x cannot be written"
# what a run of the same number left behind
status 0 bash -c 'touch stale.csv.tmp-$$; exec "$IMGWEIGH" -q -o csv:stale.csv "$1"' _ "$ok"
same "stale.csv" "$(echo stale.csv*)"
# no room on the disk; a reader that leaves
status 3 imgweigh -q -f jsonl "$ok" >/dev/full 2>err.txt
contains err.txt "standard output cannot be written: No space left on device"
status 3 imgweigh --history=h.db -q -f jsonl "$ok" >/dev/full 2>err.txt
contains err.txt "standard output cannot be written: No space left on device"
status 3 imgweigh --history=h.db -q -f jsonl -o csv:/dev/full "$ok" >/dev/null 2>err.txt
contains err.txt "/dev/full cannot be written: No space left on device"
seq -f "$ORIGIN/ok/10x10.%.0f.png" 1000 3000 >many.txt
imgweigh -q -f jsonl many.txt 2>err.txt | head -n 1 >one.jsonl
same 1 "$(wc -l <one.jsonl)"
same "" "$(cat err.txt)" "complaints about a closed pipe"
# but for a report that goes to a file: it is written all the same
imgweigh -q -f jsonl -o csv:many.csv many.txt 2>err.txt | head -n 1 >one.jsonl
same "0 0" "${PIPESTATUS[*]}" "exit status beside a closed pipe"
same 2002 "$(wc -l <many.csv)" "lines of a file beside a closed pipe"
same "" "$(cat err.txt)" "complaints about a closed pipe beside a file"
# a standard descriptor that is closed is nobody else's
python3 - >sent.jsonl <<'PY'
import os, sys, json
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
print(json.dumps(made.chat("wide", made.uri(made.png(2500, 10)))))
PY
status 0 imgweigh fix -q -p openai sent.jsonl >want.jsonl
imgweigh -q -f jsonl "$ok" >&- 2>err.txt
same 3 $? "status without standard output"
contains err.txt "standard output cannot be written: Bad file descriptor"
imgweigh fix -q -p openai sent.jsonl >&- 2>err.txt
same 3 $? "status of fix without standard output"
contains err.txt "standard output cannot be written: Bad file descriptor"
imgweigh -q -f jsonl - <&- >out.jsonl 2>err.txt
same 3 $? "status without standard input"
contains err.txt "Bad file descriptor"
imgweigh -f jsonl "$ok" "$over" >out.jsonl 2>&-
same 1 $? "status without standard error"
same 2 "$(grep -c verdict out.jsonl)" "records without standard error"
imgweigh fix -q -p openai --output out.jsonl sent.jsonl <&- >&- 2>&-
same 0 $? "status of fix without any"
cmp want.jsonl out.jsonl || fail "a repair without standard descriptors"
# nor does a reader that leaves make what was known new
seq -f "ftp://127.0.0.1/%.0f.png" 3000 >many.txt
status 1 imgweigh --history=known.db -q -f jsonl many.txt >out.jsonl
imgweigh --history=known.db --fail-on new -q -f jsonl many.txt 2>err.txt | head -n 1 >one.jsonl
same "0 0" "${PIPESTATUS[*]}" "exit status of nothing new behind a closed pipe"
