# Servers that lie: each behaviour of the scripted origin with the exact verdict, size and its source, and an upper bound on
# requests. Each on a run of its own host habits, so that none teaches another.
start_origin
IW_TIMEOUT=60
while IFS=$'\t' read -r path verdict rules bytes from width most; do
    case $path in \#*) continue ;; esac
    imgweigh --max-retries 0 -t 2s --max-redirects 10 -q -f jsonl --from image "$ORIGIN$path" >out.jsonl 2>err.txt
    [ $? -le 1 ] || { cat err.txt; fail "$path: exit status"; }
    found=$(field verdict rules bytes bytes_from width <out.jsonl)
    [ "$found" = "$verdict $rules $bytes $from $width" ] || wrong="${wrong-}$path: expected $verdict $rules $bytes $from $width, found $found
"
    spent=$(field requests <out.jsonl)
    [ "$spent" -le "$most" ] || wrong="${wrong-}$path: $spent requests instead of at most $most
"
done <"$TOP/tests/cli/lies.tsv"
[ -z "${wrong-}" ] || fail "$wrong"
