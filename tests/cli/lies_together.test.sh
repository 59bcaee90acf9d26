# The same liars in one run, some on shared connections: honest neighbours keep their own answers.
start_origin
for i in $(seq 1 300); do
    echo "$ORIGIN/ok/64x48.$((1000 + i)).png?$i"
    case $((i % 10)) in
    0) echo "$ORIGIN/head-body-late/64x48.$((5000 + i)).png" ;;
    3) echo "$ORIGIN/head-junk-late/64x48.$((5000 + i)).png" ;;
    5) echo "$ORIGIN/head405/64x48.$((5000 + i)).png" ;;
    7) echo "$ORIGIN/close-before/64x48.$((5000 + i)).png" ;;
    esac
done >list.txt
imgweigh -q -f jsonl --max-retries 1 list.txt >out.jsonl || fail "exit status $?"
same "$(wc -l <list.txt)" "$(wc -l <out.jsonl)" records
wrong=$(field url bytes <out.jsonl | awk '/close-before/ {if ($2 != "null") print; next}
    {match($1, /\.[0-9]+\.png/); if (substr($1, RSTART + 1, RLENGTH - 5) != $2) print}')
same "" "$wrong" "wrong sizes"
