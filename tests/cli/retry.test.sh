# 503 twice, then fine; 429 with Retry-After: 1 is not asked again before a second has passed.
start_origin
imgweigh -q -f jsonl --from image "$ORIGIN/flaky/2/10x10.1000.png" >out.jsonl
same "ok 1000" "$(field verdict bytes <out.jsonl)"
imgweigh -q -f jsonl --from image "$ORIGIN/retry-after/10x10.1000.png" >out.jsonl
same "ok 1000" "$(field verdict bytes <out.jsonl)"
waited=$(awk -F'\t' '/retry-after/ {if (n++ == 0) first = $1; else if (n == 2) print $1 - first}' "$LOG")
[ "$waited" -ge 1000 ] || fail "asked again after $waited ms"
