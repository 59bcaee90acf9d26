# A host that wants to be left alone for an hour is neither asked again nor waited for; the rest of its URLs are undecided.
start_origin
{ echo "$ORIGIN/retry-after-long/a.png"; seq -f "$ORIGIN/ok/10x10.%.0f.png" 1000 1100; } >list.txt
IW_TIMEOUT=20 imgweigh -q -f jsonl -j 1 --host-concurrency 1 list.txt >out.jsonl || fail "exit status $?"
same 102 "$(wc -l <out.jsonl)" records
same "102 unknown rate-limited" "$(field verdict rules <out.jsonl | sort | uniq -c | sed 's/^ *//')"
same 1 "$(wc -l <"$LOG")" "requests made"
