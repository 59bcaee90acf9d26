# fix over a folder and over a list: every action with its reason; what was mended passes check, and other decoders open it.
. "$TOP/tests/cli/fix_lib.sh"
make_images www
img=www/img
python3 - <<'PY'
# an animated GIF is there; a truncated JPEG and an empty file are not
open("www/img/cut.jpg", "wb").write(open("www/img/tall.jpg", "rb").read()[:9000])
open("www/img/empty.png", "wb").close()
PY
cat >expected <<'END'
cut.jpg failed Premature end of JPEG file
cut.png failed PNG header is corrupt: the file ends inside the IHDR chunk
empty.png failed not an image: nothing at all
heavy.png recompressed
login.jpg failed not an image: HTML
mislabelled.jpg relabelled
scan.bmp recompressed
spinner.gif recompressed
tall.jpg recompressed
wide.png recompressed
END
all=$(find $img -type f | wc -l)
kept=$((all - $(wc -l <expected)))

echo "== a folder into a folder"
status 1 imgweigh fix -q -f jsonl --log log.jsonl -p openai --out-dir out $img >out.jsonl 2>err.txt
same "" "$(cat err.txt)" "standard error"
same "$all" "$(wc -l <out.jsonl)" records
actions <out.jsonl | grep -v ' kept$' | diff expected - || fail "actions"
same "$kept" "$(field action <out.jsonl | grep -c '^kept$')" "images kept"
cmp out.jsonl log.jsonl || fail "the log is another report"
same "$(find out -type f | LC_ALL=C sort)" "$(field path <out.jsonl | grep -v '^null$' | LC_ALL=C sort)" "files written"
results unused <out.jsonl
cmp $img/mislabelled.jpg out/$img/mislabelled.jpg.png || fail "relabelled bytes differ"
same "null" "$(field data_uri <out.jsonl | sort -u)" "data URIs beside files"
status 0 imgweigh -q -f jsonl -p openai out >again.jsonl
same "ok -" "$(field verdict rules <again.jsonl | sort -u)" "check of what fix wrote"
same "$(find out -type f | wc -l)" "$(wc -l <again.jsonl)"
# whoever is mended is not mended again
status 0 imgweigh fix -q -f jsonl -p openai --out-dir again out >again.jsonl
same kept "$(field action <again.jsonl | sort -u)" "a second pass"
same "" "$(find again -type f)" "files of a second pass"

echo "== what the records say of originals"
python3 - <<'PY' || fail "originals"
import json, os
for line in open("out.jsonl"):
    r = json.loads(line)
    assert r["original"]["bytes"] == os.path.getsize(r["url"]), r
    assert r["source"] == {"path": "www/img", "kind": "file", "line": None, "column": None, "element": None}, r
    assert bool(r["findings"]) == (r["action"] not in ("kept",)), r
by = {os.path.basename(json.loads(l)["url"]): json.loads(l) for l in open("out.jsonl")}
assert (by["tall.jpg"]["original"]["width"], by["tall.jpg"]["original"]["height"]) == (1000, 3000)
assert (by["tall.jpg"]["result"]["width"], by["tall.jpg"]["result"]["height"]) == (320, 960), by["tall.jpg"]["result"]
assert (by["wide.png"]["result"]["width"], by["wide.png"]["result"]["height"]) == (1280, 320)
assert by["heavy.png"]["result"]["quality"] == 85 and by["heavy.png"]["result"]["width"] == 1600
assert by["mislabelled.jpg"]["result"]["quality"] is None
assert [f["rule"] for f in by["spinner.gif"]["findings"]] == ["animated-refused"]
PY

echo "== a list to standard output"
sed -i -e '/^empty.png/s|$|, labelled image/png|' -e '/^login.jpg/s|$|, labelled image/jpeg|' expected
start_nginx "$PWD/www"
(cd www && find img -type f | LC_ALL=C sort) | sed "s|^|$NGINX/|" >list.txt
echo "$NGINX/img/not-there.png" >>list.txt
echo "ftp://127.0.0.1/a.png" >>list.txt
sed -n 1,3p list.txt >>list.txt # named again: told once
status 1 imgweigh fix -f jsonl -p openai --log log.jsonl list.txt >uris.jsonl 2>err.txt
same $((all + 2)) "$(wc -l <uris.jsonl)" records
field url action reason <uris.jsonl | grep -E 'ftp:|not-there' >others
grep -q '^ftp://127.0.0.1/a.png failed .*ftp' others || fail "a scheme that is not fetched: $(cat others)"
grep -q '/img/not-there.png failed HTTP status 404' others || fail "404: $(cat others)"
actions <uris.jsonl | grep -vE ' kept$|^a.png|^not-there' | diff expected - || fail "actions of a list"
same "$kept" "$(field action <uris.jsonl | grep -c '^kept$')" "images kept"
results uris <uris.jsonl
records_valid uris.jsonl out.jsonl log.jsonl
status 0 imgweigh -q -f jsonl -p openai uris >again.jsonl
same "ok" "$(field verdict <again.jsonl | sort -u)" "check of the data URIs"
same null "$(field data_uri <log.jsonl | sort -u)" "data URIs in a log"
contains err.txt "$((all + 2)) images: 5 recompressed, 1 relabelled, $kept kept, 6 failed"
# the same pixels whichever way they came
python3 - <<'PY' || fail "files and data URIs differ"
import base64, json, os
files = {os.path.basename(r["url"]): open(r["path"], "rb").read() for r in map(json.loads, open("out.jsonl")) if r["path"]}
uris = {os.path.basename(r["url"]): base64.b64decode(r["data_uri"].split(",")[1]) for r in map(json.loads, open("uris.jsonl")) if r["data_uri"]}
assert files == uris and len(files) == 6
PY
# what was kept was not downloaded
same "" "$(awk '$6 == "\"GET" && $9 == 200 && $10 > 20000 {print $7}' access.log | grep -vE 'heavy|scan|tall|wide')" "large bodies that were fetched for nothing"

echo "== --inline all"
status 1 imgweigh fix -q -f jsonl -p openai --inline all list.txt >all.jsonl 2>err.txt
same "$kept" "$(field action <all.jsonl | grep -c '^inlined$')" "images inlined"
same 0 "$(field action <all.jsonl | grep -c '^kept$')" "images kept with --inline all"
results inlined <all.jsonl
records_valid all.jsonl
python3 - <<'PY' || fail "inlined bytes"
import base64, json, os
for r in map(json.loads, open("all.jsonl")):
    if r["action"] in ("inlined", "relabelled"):
        assert base64.b64decode(r["data_uri"].split(",")[1]) == open("www/img/" + os.path.basename(r["url"]), "rb").read(), r["url"]
PY
status 0 imgweigh -q -f jsonl -p openai inlined >again.jsonl
# what is handed out under another label must fit as a data URI, too: made anew where it does not
mkdir www/more && cp $img/photo-12.jpg www/more/photo.png
status 0 imgweigh fix -q -f jsonl -p none --dims always --limit max_base64_bytes=16063 --from image "$NGINX/more/photo.png" >base64.jsonl
same "recompressed" "$(field action <base64.jsonl)" "a data URI that would be too long"
status 0 imgweigh fix -q -f jsonl -p none --dims always --limit max_base64_bytes=16064 --from image "$NGINX/more/photo.png" >base64.jsonl
same "relabelled 16064" "$(field action result.base64_bytes <base64.jsonl)" "a data URI that is short enough"
# as files, too, and from a folder
status 1 imgweigh fix -q -f jsonl -p openai --inline all --out-dir copies $img >copies.jsonl
same "$kept" "$(field action <copies.jsonl | grep -c '^inlined$')"
cmp $img/photo-01.jpg copies/$img/photo-01.jpg || fail "a copy differs"
results unused <copies.jsonl

echo "== on a narrow terminal"
mkdir narrow
cp www/img/wide.png "narrow/$(printf 'a-name-that-is-long-%.0s' 1 2 3 4).png"
printf '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><!-- %04000d --></svg>' 1 >narrow/drawing.svg
env TERM=xterm-256color STDERR="$PWD/err.txt" timeout 60 python3 "$TOP/tests/cli/terminal.py" 50 "$IMGWEIGH" fix -v --color always \
    -p none --max-bytes 1kB --out-dir small narrow >lines.txt || true
sed -E 's/\^\[\[[0-9]*m//g' lines.txt >plain.txt
same "" "$(awk 'length > 50 && !/small\//' plain.txt)" "lines wider than the terminal"
contains plain.txt "a-name-that-is-lo"
# what fix cannot read it is not to be asked for
imgweigh -p none --max-bytes 1kB narrow >said.txt 2>/dev/null
contains said.txt "Next: 1 to make smaller (imgweigh fix does), 1 to make smaller by other means"
