# A second run over what did not change: one request an image, and nothing new. Then one image has grown, one is mended, one is
# new, one is gone, one cannot be asked: each is named, in each format.
make_images www
start_nginx "$PWD/www"
export XDG_STATE_HOME=$PWD/state
(cd www && find img -type f | sort | sed "s|^|$NGINX/|") >list.txt
echo "$NGINX/img/nowhere.png" >>list.txt
count=$(wc -l <list.txt)
asked() { wc -l <access.log; }

status 2 imgweigh -q --resume list.txt 2>err.txt
contains err.txt "it needs --history"
status 1 imgweigh --history -f jsonl list.txt >first.jsonl 2>/dev/null
same "" "$(field change <first.jsonl | grep -v null)" "changes without a run before"
before=$(asked)
status 1 imgweigh --history list.txt >second.txt 2>/dev/null
same "$count" "$(($(asked) - before))" "requests of a run over what did not change"
contains second.txt "nothing new, 9 known, beside the run before"
status 0 imgweigh --history -q --fail-on new list.txt >quiet.txt 2>&1
same "" "$(cat quiet.txt)" "what a quiet run says when nothing is new"
# the same facts, without a look at any header
status 1 imgweigh --history -f jsonl list.txt >again.jsonl 2>/dev/null
facts() { field url verdict rules bytes width height stored_width format orientation animated alpha content_type etag error; }
same "$(facts <first.jsonl | sort)" "$(facts <again.jsonl | sort)" "facts of a run that asked by HEAD alone"
same "0" "$(field bytes_read <again.jsonl | sort -u)" "bytes read by it"

cp www/img/wide.png www/img/photo-01.jpg
cp www/img/photo-04.jpg www/img/heavy.png
cp www/img/wide.png www/img/extra.png
echo "$NGINX/img/extra.png" >>list.txt
sed -i /photo-02/d list.txt
chmod 000 www/img/photo-03.jpg
named() { field url change | sed 's|^.*/||' | grep -v ' null$' | grep -v ' same$' | sort; }
expected="extra.png new
heavy.png better
photo-01.jpg new
photo-02.jpg gone
photo-03.jpg unreachable"
status 1 imgweigh --history --fail-on new -f jsonl -o text:changed.txt -o json:changed.json list.txt >changed.jsonl 2>/dev/null
same "$expected" "$(named <changed.jsonl)" "what changed"
contains changed.txt "+2 new, 1 better, 1 gone, 1 unreachable, 8 known, beside the run before"
contains changed.txt "/img/photo-01.jpg"
contains changed.txt "; new, was ok at "
! grep -q "/img/cut.png" changed.txt || fail "what was known is listed among the news"
python3 -c '
import json
changes = json.load(open("changed.json"))["summary"]["changes"]
assert [changes[k] for k in ("new", "better", "gone", "unreachable")] == [2, 1, 1, 1], changes' || fail "changed.json"

# what could be asked again is compared with what was seen last; a limit that is changed makes nothing new
chmod 644 www/img/photo-03.jpg
cp www/img/photo-04.jpg www/img/photo-01.jpg
rm www/img/heavy.png && cp www/img/icon-1.gif www/img/icon-9.gif
sed -i 's|/heavy.png|/icon-9.gif|' list.txt
status 1 imgweigh --history -f jsonl list.txt >mended.jsonl 2>/dev/null
same "heavy.png gone
photo-01.jpg fixed" "$(named <mended.jsonl)" "what changed then"
status 0 imgweigh --history --fail-on new --max-side 100 -f jsonl list.txt >tighter.jsonl 2>/dev/null
same "" "$(named <tighter.jsonl)" "what a tighter limit made new"

# the runs, and the database
imgweigh history >runs.txt || fail "history"
same 7 "$(grep -c complete runs.txt)" "complete runs"
imgweigh history show latest~1 >run.txt
contains run.txt "fixed          1"
status 2 imgweigh history show 99 2>/dev/null
status 2 imgweigh history prune 2>/dev/null
status 0 imgweigh history prune --keep 2 >prune.txt
contains prune.txt "5 runs were forgotten"
imgweigh history vacuum >/dev/null || fail "vacuum"
status 0 imgweigh --history --fail-on new --max-side 100 -q list.txt
echo "notes" >notes.db
status 3 imgweigh --history notes.db list.txt 2>err.txt
contains err.txt "no history of imgweigh"
same notes "$(cat notes.db)" "a file of somebody"
status 2 imgweigh fix --history list.txt 2>/dev/null
python3 -c '
import sqlite3, sys
found = sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()
assert found == ("ok",), found' "$(imgweigh history path)"

# what a run was called with, as a shell takes it again; names and passwords of URLs are kept nowhere
cp list.txt "it's a list.txt" && echo '<urlset/>' >www/empty.xml
imgweigh --history=said.db --limit "max_bytes=9 MB" -q "it's a list.txt" "${NGINX/:\/\//:\/\/me:hush@}/img/icon-1.gif?a=1&b" >/dev/null 2>&1
imgweigh history --history=said.db show latest >run.txt
contains run.txt "-p openai --limit 'max_bytes=9 MB' 'it'\''s a list.txt' '$NGINX/img/icon-1.gif?a=1&b'"
imgweigh report --history=said.db -f jsonl | grep -q '"url":"http://\*\*\*@127.0.0.1:[0-9]*/img/icon-1.gif?a=1&b"' || fail "the URL is not told"
! grep -aq hush said.db || fail "a password is kept"
eval "set -- $(sed -n 's/^command *//p' run.txt | sed 's/^imgweigh //')"
same "it's a list.txt" "$5" "a word that a shell takes again"

# what waits to be tried again keeps no others from being asked, however few may be asked at once
start_origin
for i in $(seq 5010 5029); do
    printf '%s\n' "$ORIGIN/status/500/$i.png" "$ORIGIN/ok/10x10.$i.png" "$ORIGIN/redirect/2/10x10.$i.png"
done >list.txt
status 0 imgweigh --history=retried.db -q -f jsonl -j 2 --host-concurrency 2 --max-retries 1 -p none --max-side 9000 list.txt >out.jsonl
same "20 unknown
40 ok" "$(field verdict <out.jsonl | sort | uniq -c | sort -n | sed 's/^ *//')" "what came of them"

# an image that requests ask for in several ways, and a document with several faults: each stands beside its own, also where lines move
{
    for detail in low high low high high; do
        echo '{"custom_id":"'$detail'","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"'"$ORIGIN"'/ok/3000x10.1000.png","detail":"'$detail'"}}]}]}}'
    done
    echo '{'
} >batch.jsonl
several() { imgweigh --history=several.db --private allow --limit max_request_bytes=1 -q -f jsonl "$@" batch.jsonl; }
status 1 several >first.jsonl
same "- bad-json duplicate-custom-id request-bytes-over side-over" "$(field rules <first.jsonl | sort -u | xargs)" "what is wrong"
status 1 imgweigh report --history=several.db -f jsonl >again.jsonl
told() { field url verdict rules <"$1" | sort; }
same "$(told first.jsonl)" "$(told again.jsonl)" "faults of a document, told again"
status 0 several --fail-on worse >second.jsonl
same "2 null 12 same" "$(field change <second.jsonl | sort | uniq -c | xargs)" "what did not change"
sed -i '1s/^/\n\n\n\n\n\n\n\n/' batch.jsonl
status 0 several --fail-on worse >second.jsonl
same "2 null 12 same" "$(field change <second.jsonl | sort | uniq -c | xargs)" "what has moved"
status 0 imgweigh report --history=several.db --fail-on worse -f jsonl 1 3 >second.jsonl
same "2 null 12 same" "$(field change <second.jsonl | sort | uniq -c | xargs)" "what has moved, told again"
