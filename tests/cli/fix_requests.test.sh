# fix over request files: every other byte stays, whatever the file looks like; what is repaired is judged by the other reader.
. "$TOP/tests/cli/fix_lib.sh"
files() { python3 "$TOP/tests/cli/request_files.py" "$@"; }
mkdir www
start_origin --files "$PWD/www"
files make "$ORIGIN"
mv ./*.png www
fix() { imgweigh fix -q -p openai --private allow "$@"; }

# done_to LOG: "LINE ACTION" of each image
done_to() {
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    if "url" in r:
        print(r["source"]["line"], r["action"])' "$1" | sort -n | tr '\n' ' '
}

echo "== a batch"
status 1 fix --log log.jsonl batch.jsonl >out.jsonl 2>err.txt # of its line that is no JSON
records_valid log.jsonl
same "1 kept 2 recompressed 3 kept 3 recompressed 4 recompressed 5 recompressed 6 relabelled 8 kept 9 recompressed " "$(done_to log.jsonl)" actions
same 6 "$(files same batch.jsonl out.jsonl)" "strings that differ"
same "$(wc -l <batch.jsonl)" "$(wc -l <out.jsonl)" lines
for line in 1 7 8 10; do
    cmp <(sed -n ${line}p batch.jsonl) <(sed -n ${line}p out.jsonl) || fail "line $line changed"
done
contains err.txt "batch.jsonl:7:54: expected ',' or '}', found the end of the line"
sed -n 5p out.jsonl >five.json
contains five.json '"x":1.0,"y":1e5,"z":10000000000000000000001,"x":-0, "messages" : '
contains five.json '{"url":"https://a.test/not-the-last","url" :	"data:image/jpeg;base64,'
sed -n 4p out.jsonl >four.json
contains four.json '"data:image/jpeg;base64,'
cmp <(sed -n 6p batch.jsonl | sed 's|data:image/gif|data:image/png|') <(sed -n 6p out.jsonl) || fail "more than a label changed"
(python_with PIL || { echo "# not opened: python3-pil is not installed"; exit 0; }
same "1 64 48 png image/png,2 1280 85 jpeg image/jpeg,3 1280 85 jpeg image/jpeg,3 64 48 png image/png,4 1280 85 jpeg image/jpeg,5 1280 85 jpeg image/jpeg,6 64 48 png image/png,9 1280 85 jpeg image/jpeg,10 3000 200 png image/png" \
    "$(files images out.jsonl | awk '{print $1, $2, $3, $4, $6}' | paste -sd,)" "images") || exit 1

echo "== all URLs"
status 1 fix --inline all --log log.jsonl batch.jsonl >all.jsonl 2>err.txt
same "8 inlined" "$(done_to log.jsonl | grep -o '8 [a-z]*')" "a URL that fits"
same 7 "$(files same batch.jsonl all.jsonl)" "strings that differ"
sed -n 8p all.jsonl | grep -qF "\"url\": \"data:image/png;base64,$(base64 -w0 www/small.png)\"" || fail "other bytes than the URL's"

echo "== again, by other numbers of workers, and what fits"
for file in *.jsonl *.json; do
    case $file in out.jsonl | all.jsonl | log.jsonl | four.json | five.json | budget.jsonl) continue ;; esac
    want=$(grep -c '^{"custom_id":"cut"' "$file" || true) # a line that is no JSON stays one
    for mode in offenders all; do
        status $want fix --inline $mode -j 1 --workers 1 "$file" >one.out 2>err.txt
        status $want fix --inline $mode -j 8 --workers 3 "$file" >eight.out 2>err.txt
        cmp one.out eight.out || fail "$file: other bytes by more workers"
        status $want fix --inline $mode one.out >again.out 2>err.txt
        cmp one.out again.out || fail "$file: a second repair changes something"
        [ $mode = all ] || files same "$file" one.out >/dev/null || fail "$file: not reverted"
        python3 - "$file" one.out $mode <<'PY' || fail "$file: $mode"
import sys
a, b = (open(name, "rb").read() for name in sys.argv[1:3])
assert a.count(b"\n") == b.count(b"\n") and a.count(b"\r\n") == b.count(b"\r\n")
assert a[:3] == b[:3] and a[-1:] == b[-1:], "a mark, or an end"
PY
    done
done
status 1 fix clean.jsonl >out 2>err.txt
cmp clean.jsonl out || fail "nothing to be done, and something was"

echo "== what is wrong with more than an image"
small='{"type":"image_url","image_url":{"url":"'$ORIGIN'/small.png"}}'
printf '{"custom_id":"a","body":{"messages":[{"role":"user","content":[%s,%s]}]}}\n' "$small" "$small" >two.txt
status 1 fix -p none --limit max_request_images=1 --from requests two.txt >out 2>err.txt
contains err.txt "two.txt:1:1: cannot be repaired: 2 images in a request"
printf '{"custom_id":"a","body":{"messages":[]}}\n%.0s' 1 2 >twice.txt
status 1 fix --from requests twice.txt >out 2>err.txt
contains err.txt 'twice.txt:2:1: the custom_id "a" stands here again'
cmp twice.txt out || fail "a file without images changed"
status 0 fix --fail-on never --from requests twice.txt >out 2>err.txt

for url in ftp://h.test/a.png file:///etc/passwd gs://bucket/a.png; do
    printf '{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%s"}}]}]}\n' $url
done >schemes.jsonl
status 1 fix --inline all --log log.jsonl schemes.jsonl >out 2>err.txt
cmp schemes.jsonl out || fail "what cannot be fetched changed"
same "1 failed 2 failed " "$(done_to log.jsonl)" "URLs that nobody fetches"
contains err.txt 'the scheme "ftp" is not fetched'

echo "== shapes"
status 0 fix --inline all anthropic.json >out 2>err.txt
python3 - <<'PY' || fail "shapes"
import json, subprocess, sys
small = open("www/small.png", "rb").read()
b = json.load(open("out"))["requests"][0]["params"]["messages"][0]["content"]
assert [x["source"].get("media_type") for x in b] == ["image/jpeg", "image/png", "image/png", None], b
assert b[2]["source"]["type"] == "base64" and b[2]["cache_control"] == {"type": "ephemeral"} and b[3]["source"]["file_id"] == "file-1"
def fixed(name):
    run = subprocess.run([sys.argv[1] if len(sys.argv) > 1 else __import__("os").environ["IMGWEIGH"], "fix", "-q", "-p", "openai", "--private", "allow", "--inline", "all", name], capture_output=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
p = fixed("gemini.jsonl")["request"]["contents"][0]["parts"]
assert [list(x) for x in p] == [["inlineData"], ["inlineData"], ["inline_data"]], p
assert [list(x.values())[0].get("mimeType", list(x.values())[0].get("mime_type")) for x in p] == ["image/jpeg", "image/png", "image/png"]
i = fixed("converse.json")["messages"][0]["content"][0]["image"]
assert i["format"] == "jpeg" and i["source"]["bytes"].startswith("/9j/")
o = fixed("ollama.json")["messages"][0]["images"][0]
assert o.startswith("/9j/")
c = fixed("langchain.json")[0]["content"]
assert set(c[0]) == {"type", "base64", "mime_type"} and set(c[1]) == {"type", "source_type", "data", "mime_type"}, c
assert c[1]["source_type"] == "base64" and c[2]["mime_type"] == "image/jpeg"
PY
python3 - <<'PY'
import json, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
wide = made.uri(made.png(3000, 8))
def edit(n, **mask):
    return json.dumps({"custom_id": f"e{n}", "body": {"model": "gpt-image-1", "images": [{"image_url": wide}], **mask}}) + "\n"
open("edits.jsonl", "w").write(edit(1, mask={"image_url": wide}) + edit(2, mask={"file_id": "file-1"}) + edit(3))
PY
status 1 fix --log log.jsonl edits.jsonl >out 2>err.txt
same "1 failed 1 failed 2 failed 3 recompressed " "$(done_to log.jsonl)" "images with and without a mask"
cmp <(head -n 2 edits.jsonl) <(head -n 2 out) || fail "an image with a mask, or the mask, changed"
contains err.txt "an image and its mask must have the same pixels"

echo "== what stands beside a URL stays, byte by byte, when it becomes base64"
python3 - "$ORIGIN" <<'PY'
import base64, sys
url = sys.argv[1] + "/file/small.png"
small = base64.b64encode(open("www/small.png", "rb").read()).decode()
rows = [ # what stands there, and what is to
    ('{"type":"image","source":{"type":"url","url":"U","x-trace":[1.0,-0],"note":"\\u00e9"},"cache_control":{"type":"ephemeral"}}',
     '{"type":"image","source":{"type":"base64","media_type":"image/png","data":"D","x-trace":[1.0,-0],"note":"\\u00e9"},"cache_control":{"type":"ephemeral"}}'),
    ('{"source": {"url": "U", "more": {"type": "url"}, "type": "url"}, "type": "image"}',
     '{"source": {"media_type": "image/png", "data": "D", "more": {"type": "url"}, "type": "base64"}, "type": "image"}'),
    ('{"type":"image","url":"U","id":"i","extras":{"url":"U"}}', '{"type":"image","mime_type":"image/png","base64":"D","id":"i","extras":{"url":"U"}}'),
    ('{"type":"image","source":{"type":"url","url":"U","data":null}}', None), # where the bytes would go something stands
]
parts = [
    ('{"fileData":{"displayName":"a b","mimeType":"image/png","fileUri":"U","z":1e5},"mediaResolution":{"level":"LOW"}}',
     '{"inlineData":{"displayName":"a b","mimeType":"image/png","data":"D","z":1e5},"mediaResolution":{"level":"LOW"}}'),
    ('{"file_data" : {"file_uri" : "U", "mime_type" : "image/jpeg", "z" : 0.10}, "text" : null}',
     '{"inline_data" : {"data" : "D", "mime_type" : "image/png", "z" : 0.10}, "text" : null}'),
    ('{"text":null,"inline_data":null,"file_data":{"file_uri":"U","mime_type":"image/png"}}', None),
]
def lines(which):
    for row in rows:
        yield '{"model":"m","messages":[{"role":"user","content":[%s]}]}\n' % (row[which] or row[0])
    for row in parts:
        yield '{"contents":[{"role":"user","parts":[%s]}]}\n' % (row[which] or row[0])
fill = lambda text: text.replace('"U"', '"%s"' % url).replace('"D"', '"%s"' % small)
open("beside.jsonl", "w").write(fill("".join(lines(0))))
open("want.jsonl", "w").write(fill("".join(lines(1))))
PY
status 1 fix --inline all --log log.jsonl beside.jsonl >out 2>err.txt
cmp want.jsonl out || fail "$(diff want.jsonl out)"
same 2 "$(grep -c 'stands there already' log.jsonl)" "images whose bytes have no place"

imgweigh fix -q -p anthropic many.json >out 2>err.txt || fail "many images"
(python_with PIL || exit 0
same 1260 "$(files images out | awk '{print $2}' | sort -nu | tail -n 1)" "the longest side of more than 20 images") || exit 1

echo "== what was mended passes check, in the samples of all shapes as well"
# passes PROFILE FILE: no image that fix changed is one that check complains of
passes() {
    imgweigh fix -q -p "$1" --private allow --max-retries 0 --log log.jsonl "$2" >out 2>err.txt || [ $? = 1 ] || fail "$2 by $1: $(cat err.txt)"
    imgweigh check -q -p "$1" --private allow --max-retries 0 -f jsonl out >check.jsonl 2>err.txt || [ $? = 1 ] || fail "check of $2: $(cat err.txt)"
    python3 - "$1" "$2" <<'PY' || fail "$2 by $1"
import json, sys
def read(name):
    return [r for r in map(json.loads, open(name)) if "source" in r]
done = {(r["source"]["line"], r["source"]["element"]): r["action"] for r in read("log.jsonl")}
for r in read("check.jsonl"):
    action = done.get((r["source"]["line"], r["source"]["element"]))
    errors = [f["message"] for f in r["findings"] if f["severity"] == "error"]
    assert not errors or action not in ("kept", "relabelled", "inlined", "recompressed"), (r["source"], action, errors)
if not any(a in ("relabelled", "inlined", "recompressed") for a in done.values()):
    assert open(sys.argv[2], "rb").read() == open("out", "rb").read(), "nothing was done, and something changed"
PY
    imgweigh fix -q -p "$1" --private allow --max-retries 0 out >again 2>err.txt || [ $? = 1 ] || fail "again: $(cat err.txt)"
    cmp out again || fail "$2 by $1: a second repair changes something"
}
samples=${IW_CORPUS:-$TOP/../shared/corpus}/../requests
for profile in openai anthropic; do
    for file in batch.jsonl crlf.jsonl anthropic.json gemini.jsonl converse.json ollama.json langchain.json many.json; do passes $profile $file; done
    [ -d "$samples" ] || continue
    for file in "$samples"/*.json "$samples"/*.jsonl; do
        passes $profile "$file"
        files same "$file" out >/dev/null || fail "$file: not reverted"
    done
done
[ -d "$samples" ] || echo "# samples of all shapes are not here"

echo "== text that is misplaced, or that strict decoders refuse"
python3 - <<'PY'
import base64, json, sys, os
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
small = made.png(64, 48)
bare, uri = made.b64(small), made.uri(small)
assert uri.endswith("=")
def one(n, url):
    return json.dumps(made.chat(f"f{n}", url))
rows = [bare, uri.replace("image/png", ""), "data:image/png;base64," + base64.urlsafe_b64encode(small).decode(),
        uri.rstrip("="), uri.replace("=", "%3D"), uri[:60] + "\n" + uri[60:], "data:image/png;base64," + uri, uri[:5] + "image/gif;charset=x;BASE64," + uri.replace("png", "jpeg")]
open("flawed.jsonl", "w").write("".join(one(n, row) + "\n" for n, row in enumerate(rows)))
want = [uri] * (len(rows) - 1) + [uri.replace("png;", "png;charset=x;BASE64,").replace("BASE64,base64", "BASE64")]
open("want.jsonl", "w").write("".join(one(n, row) + "\n" for n, row in enumerate(want)))
open("prefixed.json", "w").write(json.dumps({"model": "llava", "messages": [{"role": "user", "content": "?", "images": [uri]}]}))
open("bare.json", "w").write(json.dumps({"model": "llava", "messages": [{"role": "user", "content": "?", "images": [bare]}]}))
PY
status 1 imgweigh check -q -p openai -f jsonl flawed.jsonl >check.jsonl 2>err.txt
same 2 "$(grep -c 'the prefix stands twice' check.jsonl)" "prefixes that stand twice"
same 1 "$(grep -c 'percent escapes stand in the base64' check.jsonl)" "percent escapes"
status 0 fix flawed.jsonl >out 2>err.txt
cmp want.jsonl out || fail "text that is flawed"
status 0 fix prefixed.json >out 2>err.txt
cmp bare.json out || fail "a prefix where none belongs"

python3 - <<'PY'
import json, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
cut = made.png(64, 48)[:-16]
open("cut.jsonl", "w").write("".join(json.dumps(made.chat(f"c{n}", url)) + "\n" for n, url in enumerate([made.uri(cut), made.b64(cut)])))
PY
status 0 fix --log log.jsonl cut.jsonl >out 2>err.txt
same "1 kept 2 relabelled " "$(done_to log.jsonl)" "images that end early, of which one lacks its prefix"
cmp <(head -n 1 cut.jsonl) <(head -n 1 out) || fail "an image that ends early changed"
contains log.jsonl "does not end as its format does"

echo "== the same URL many times: asked for once, fetched once"
python3 - "$ORIGIN" <<'PY'
import json, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
open("same.jsonl", "w").write("".join(json.dumps(made.chat(f"s{n}", *[f"{sys.argv[1]}/file/wide.png?same"] * (1 + n % 3))) + "\n" for n in range(200)))
PY
status 0 fix --log log.jsonl same.jsonl >out 2>err.txt
same 399 "$(done_to log.jsonl | grep -o recompressed | wc -l)" "images"
same "1 1" "$(grep -c 'HEAD.*wide.png?same' "$LOG") $(grep 'GET.*wide.png?same' "$LOG" | grep -vc 'bytes=')" "HEAD, and whole GETs"
[ "$(grep -c 'wide.png?same' "$LOG")" -le 3 ] || fail "asked more than was needed: $(grep 'wide.png?same' "$LOG" | head)"
same 1 "$(python3 -c 'import json; print(len({i["image_url"]["url"] for l in open("out") for i in json.loads(l)["body"]["messages"][0]["content"][1:]}))')" "different results"
sed "s|/file/wide.png?same|/status/404/gone.png|g" same.jsonl >gone.jsonl
status 1 fix --log log.jsonl gone.jsonl >out 2>err.txt
cmp gone.jsonl out || fail "nothing could be fetched, and something changed"
same 399 "$(done_to log.jsonl | grep -o failed | wc -l)" "images that are not there"

echo "== a type beside a URL: written anew, and nothing but that"
status 0 imgweigh fix -q -p anthropic --private allow --log log.jsonl gemini.jsonl >out 2>err.txt
same "kept kept relabelled" "$(field action <log.jsonl | sort | paste -sd' ')" actions
python3 -c '
import json
parts = json.loads(open("out").read())["request"]["contents"][0]["parts"]
assert parts[1]["fileData"]["mimeType"] == "image/png" and "fileUri" in parts[1]["fileData"], parts[1]' || fail "the label of a URL"

status 0 imgweigh fix -q -p anthropic --private allow --inline all --log log.jsonl gemini.jsonl >out 2>err.txt
same "inlined inlined kept" "$(field action <log.jsonl | sort | paste -sd' ')" "actions of all URLs"
status 0 imgweigh check -q -p anthropic out >check.txt
sed 's|/file/small.png|/file/wide.png|g' gemini.jsonl >wide.jsonl
status 0 imgweigh fix -q -p anthropic --max-side 2048 --private allow --log log.jsonl wide.jsonl >out 2>err.txt
same "recompressed recompressed recompressed" "$(field action <log.jsonl | paste -sd' ')" "actions where a PNG becomes a JPEG"
status 0 imgweigh check -q -p anthropic --max-side 2048 out >check.txt

echo "== a URL that the consumer cannot have, of an image that breaks another limit, too"
python3 - "$ORIGIN" <<'PY'
import json, sys
def one(name, said):
    image = {"url": f"{sys.argv[1]}/file/{name}.png", "format": said}
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": image}]}]}) + "\n"
open("reach.jsonl", "w").write(one("small", "image/png") + one("small", "image/gif") + one("wide", "image/gif"))
PY
for profile in openai anthropic-bedrock; do
    status 0 imgweigh fix -q -p $profile --max-side 2048 --log log.jsonl reach.jsonl >out 2>err.txt
    same "1 inlined 2 inlined 3 recompressed " "$(done_to log.jsonl)" "actions for $profile"
    status 0 imgweigh check -q -p $profile --max-side 2048 out >check.txt
done

echo "== a request that is too large"
for limit in 2MB 400kB 300kB 100kB; do
    status 0 imgweigh fix -q -p none --limit max_request_bytes=$limit --log log.jsonl budget.jsonl >out 2>err.txt
    python3 - $limit <<'PY' || fail "a budget of $limit"
import json, sys
most = {"2MB": 2000000, "400kB": 400000, "300kB": 300000, "100kB": 100000}[sys.argv[1]]
lines = open("out", "rb").read().splitlines()
assert len(lines) == 3 and all(len(line) <= most for line in lines), [len(line) for line in lines]
made = {}
for line in open("log.jsonl"):
    r = json.loads(line)
    if "url" in r and r["action"] == "recompressed":
        made.setdefault(r["source"]["line"], set()).add((r["result"]["quality"], r["result"]["width"]))
        assert "its request comes to" in r["reason"], r
assert all(len(m) == 1 for m in made.values()), f"more than one quality in a request: {made}"
assert made[3], made
for line, how in made.items():
    used = len(lines[line - 1]) / most
    assert used > 0.8 or {quality for quality, _ in how} == {85}, f"line {line} uses {used:.0%} of {most} at {how}"
PY
    status 0 imgweigh fix -q -p none --limit max_request_bytes=$limit out >again 2>err.txt
    cmp out again || fail "a second repair changes something"
done
status 1 imgweigh fix -q -p none --limit max_request_bytes=2kB --log log.jsonl budget.jsonl >out 2>err.txt
cmp budget.jsonl out || fail "nothing helps, and something was written"
grep -c 'whatever is done to its 6 images, beyond the 2000 of' log.jsonl | grep -qx 6 || fail "reasons: $(cat log.jsonl)"

echo "== a request file that is elsewhere"
cp batch.jsonl www
status 3 fix "$ORIGIN/file/batch.jsonl" >out 2>err.txt
contains err.txt "a request file that is elsewhere is not repaired: download it, and name the file"

echo "== more files than descriptors"
mkdir many
python3 - <<'PY'
import json, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
small = made.uri(made.png(8, 8))
for n in range(150):
    open(f"many/{n}.jsonl", "w").write(json.dumps(made.chat(f"m{n}", small, made.uri(made.png(2100 + n, 4)))) + "\n")
PY
cp -r many before
limited() { (ulimit -n 60 && status 0 imgweigh fix -p openai --in-place many/*.jsonl >out.txt 2>err.txt) || fail "150 files: $(cat out.txt err.txt)"; }
limited
contains out.txt "150 request files written"
for n in 0 15 16 17 149; do same 1 "$(files same before/$n.jsonl many/$n.jsonl)" "strings that differ in $n.jsonl"; done
cp -r many repaired
limited
diff -r many repaired || fail "a second repair of 150 files changes something"

echo "== URLs that become base64 count as what they become, as the consumer counts"
mkdir -p config/imgweigh/profiles
python3 - "$ORIGIN" <<'PY'
import json, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/cli")
import request_files as made
for counts in "images", "base64", "body":
    open(f"config/imgweigh/profiles/{counts}.ini", "w").write(
        f"[profile]\nname = {counts}\ntitle = T\nchecked = 2026-11-26\nsource = a test\nconfidence = measured\n"
        f"[limit max_request_bytes]\nvalue = 2 MB\ncounts = {counts}\nsource = a test\nconfidence = measured\n")
urls = [f"{sys.argv[1]}/file/heavy.png?{n}" for n in range(4)]
open("urls.jsonl", "w").write("".join(json.dumps(made.chat(f"u{n}", *list)) + "\n" for n, list in enumerate(([urls[0]] * 5, urls))))
PY
for counts in images base64 body; do
    status 0 imgweigh fix -q -p $counts --private allow --inline all urls.jsonl >out 2>err.txt
    python3 - $counts <<'PY' || fail "$counts"
import json, sys
for line in open("out"):
    urls = [block["image_url"]["url"] for block in json.loads(line)["body"]["messages"][0]["content"][1:]]
    counted = {"body": len(line.rstrip("\n").encode()), "base64": sum(map(len, urls)),
               "images": sum((len(url) - url.index(",") - 1) // 4 * 3 - url.count("=") for url in urls)}[sys.argv[1]]
    assert 1_600_000 < counted <= 2_000_000, counted
PY
    status 0 imgweigh fix -q -p $counts --private allow --inline all out >again 2>err.txt
    cmp out again || fail "$counts: a second repair changes something"
done
