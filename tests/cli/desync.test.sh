# 10,000 URLs on a server that sends forged answers behind every seventh HEAD: no size may be that of another.
start_origin
seq -f "$ORIGIN/desync/%.0f" 0 9999 >list.txt
for options in "--method head" "--method auto" "--dims always"; do
    # shellcheck disable=SC2086
    imgweigh -p none --max-bytes 20MB --dims never $options -q -f jsonl list.txt >out.jsonl || fail "exit status $?"
    wrong=$(field url bytes <out.jsonl | awk -F'[/ ]' '$(NF - 1) + 1000 != $NF' | wc -l)
    same 10000 "$(wc -l <out.jsonl)" "records with $options"
    same 0 "$wrong" "wrong sizes with $options"
done
