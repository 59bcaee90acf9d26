# Lists: comments, blanks, CRLF, BOM, white space; a bad line is told with its place, and the rest goes on.
start_origin
printf '\xef\xbb\xbf# a comment\r\n\r\n  %s/ok/10x10.1000.png  \r\nnot a url\r\nhttp://user@x.example/a.png\r\nftp://x.example/a.png\n%s/ok/20x20.2000.png' \
    "$ORIGIN" "$ORIGIN" >list.txt
status 1 imgweigh -q -f jsonl list.txt >out.jsonl
field url verdict rules source.line source.column <out.jsonl | sed 's|http://127.0.0.1:[0-9]*||' | sort >found.txt
cat >expected.txt <<'END'
/ok/10x10.1000.png ok - 3 3
/ok/20x20.2000.png ok - 7 1
ftp://x.example/a.png broken scheme-refused 6 1
http://user@x.example/a.png broken url-invalid 5 1
not a url broken url-invalid 4 1
END
diff expected.txt found.txt || fail "records differ"
# standard input, and a line far too long
{ echo "# long"; head -c 100000 /dev/zero | tr '\0' x; echo; echo "$ORIGIN/ok/10x10.1000.png"; } | imgweigh -q --from list -f jsonl - >out.jsonl 2>err.txt
same "ok 3" "$(field verdict source.line <out.jsonl)"
contains err.txt "-:2:1: "
# several inputs; arguments; the same URL again is asked once
status 0 imgweigh -q -f jsonl "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/ok/./10x10.1000.png" >out.jsonl
same 3 "$(wc -l <out.jsonl)"
same 6 "$(field requests <out.jsonl | awk '{n += $1} END {print n}')" "requests told thrice"
same 2 "$(grep -c 10x10 "$LOG" | awk '{print $1 - 4}')" "requests made for the three"
