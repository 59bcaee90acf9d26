# Request files: each image is judged as its request asks for it, and what is wrong with a request or the file is a record of its own.
start_origin
python3 "$TOP/tests/cli/request_cases.py" "$PORT"
weigh() { imgweigh -q --max-retries 0 --resolve "pictures.test:$PORT:127.0.0.1" -f jsonl "$@"; }
# told KEY...: of each record in out.jsonl its line and those keys, in the order of the lines
told() { grep -v '"incomplete"' out.jsonl | field source.line custom_id verdict rules "$@" | sort -n | sed 's/$/;/' | tr '\n' ' ' | sed 's/; $//'; }

echo "== a batch"
status 1 weigh -p openai-2026 batch.jsonl >out.jsonl 2>err.txt
same "1 url-4o ok -; 2 url-56 warn side-over; 3 patches over patches-over; 4 patches-high warn side-over,larger-than-needed; 5 cut broken bad-json; \
6 url-4o ok -; 6 url-4o over duplicate-custom-id; 7 local broken private-address; 8 signed warn url-expiring; 9 label warn type-mismatch; \
10 alphabet broken bad-data-uri; 11 for-urls warn bad-data-uri; 13 text broken not-an-image; 14 two ok -; 14 two ok -; \
15 bare broken bad-data-uri" "$(told)" "what is told"
same "$(grep -c 3000x100 "$LOG")" "$(grep '"custom_id":"url-56"' out.jsonl | field requests)" "requests for a URL that is named twice"
contains err.txt "batch.jsonl: its requests name several models: openai-2026 takes one in a batch file"
same "85" "$(grep '"line":1,' out.jsonl | field tokens.openai-2026)" "tokens where little detail is asked for"
grep '"bad-json"' out.jsonl >one.json
contains one.json '"url":"batch.jsonl","final_url":null,"source":{"path":"batch.jsonl","kind":"requests","line":5,"column":44,"element":"$"}'
grep '"custom_id":"two"' out.jsonl | field source.element | sort | tr '\n' ' ' >elements.txt
same '$.body.messages[0].content[0].image_url.url $.body.messages[0].content[1].image_url.url ' "$(cat elements.txt)" "paths"

printf '{"a":}\n{"messages":[]}\n' >first.jsonl
status 1 weigh --from requests first.jsonl >out.jsonl
contains out.jsonl '"source":{"path":"first.jsonl","kind":"requests","line":1,'

printf '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%s"}}]}]}\n' http:// http://[ >hostless.jsonl
status 1 weigh hostless.jsonl >out.jsonl
same "1 null broken url-invalid; 2 null broken url-invalid" "$(told)" "URLs without a host"

echo "== what the request asks for, and what the operator says"
status 1 weigh -p none --limit max_request_images=1 --limit max_file_requests=12 --limit max_file_bytes=1kB batch.jsonl >out.jsonl 2>err.txt
same "1 null over file-bytes-over,file-requests-over; 12 ids over request-images-over; 14 two over request-images-over" \
    "$(grep -E 'request-images|file-' out.jsonl >few.jsonl; mv few.jsonl out.jsonl; told)" "limits of requests and files"
status 1 weigh -p none --limit max_request_bytes=3kB large.jsonl >out.jsonl
same "1 r0 ok -; 1 r0 over request-bytes-over; 2 r1 ok -; 2 r1 over request-bytes-over; 3 r2 ok -; 3 r2 over request-bytes-over" "$(told)" bodies
mkdir profiles
printf '[profile]\nname = few\n[limit max_request_bytes]\nvalue = %s\ncounts = %s\nsource = here\nconfidence = derived\n' 3000 images >profiles/few.ini
status 0 weigh --profile-dir profiles -p few large.jsonl >out.jsonl
sed -i 's/3000/2999/' profiles/few.ini
status 1 weigh --profile-dir profiles -p few large.jsonl >out.jsonl
contains out.jsonl "3,000 bytes of images in a request are 1 over the 2,999 bytes that few accepts"
sed -i 's/2999/4021/; s/images/base64/' profiles/few.ini
status 1 weigh --profile-dir profiles -p few large.jsonl >out.jsonl
contains out.jsonl "4,022 characters of images in a request are 1 over"

echo "== many images"
status 1 weigh -p anthropic many.json >out.jsonl 2>err.txt
same "20 twenty warn side-over" "$(field custom_id verdict rules <out.jsonl | grep ^twenty | sort | uniq -c | sed 's/^ *//')" "twenty images"
same "20 one-more over side-over,many-images-side-over;1 one-more ok -" \
    "$(field custom_id verdict rules <out.jsonl | grep ^one-more | sort -r | uniq -c | sed 's/^ *//' | paste -sd';')" "and one"
contains out.jsonl "a longer side of 2,001 px is 1 over the 2,000 px that anthropic accepts in a request of 21 images"
grep '"custom_id":"jpg"' out.jsonl >one.json
contains one.json '"element":"$.requests[2].params.messages[0].content[0].source.data"'
status 1 weigh -p anthropic-bedrock many.json >out.jsonl
same "by-url over side-over,scheme-refused" "$(field custom_id verdict rules <out.jsonl | grep ^by-url)" "a URL where none is fetched"
grep 'request-images-over' out.jsonl >one.json
contains one.json '"element":"$.requests[1]"'
contains one.json '"custom_id":"one-more"}'

status 0 weigh -p none --dims always said.jsonl >out.jsonl
same "1 said warn type-mismatch; 2 right ok -; 3 nothing ok -" "$(told)" "types that requests name"
contains out.jsonl "the bytes are PNG, the request says image/jpeg"
status 1 weigh -p anthropic-bedrock --max-side 9000 said.jsonl >out.jsonl
same "1 said over type-mismatch,scheme-refused; 2 right over scheme-refused; 3 nothing over scheme-refused" "$(told)" "to one who looks"

status 1 weigh -p openai beside.jsonl >out.jsonl
same "1 null warn type-mismatch; 2 null warn type-mismatch; 3 null ok -; 4 null over type-mismatch; 5 null ok -" "$(told)" \
    "types beside data URIs, and how they are written"
contains out.jsonl "the bytes are PNG, the request says image/gif"
contains out.jsonl "the request says PNG, and requests of its kind know png alone"
status 1 weigh -p anthropic beside.jsonl >out.jsonl
same "1 null over type-mismatch; 2 null over type-mismatch; 3 null over type-mismatch; 4 null over type-mismatch; 5 null ok -" "$(told)" \
    "to one who looks, too"
contains out.jsonl "the label says IMAGE/PNG, and anthropic knows image/png alone"

status 0 weigh -p gemini levels.jsonl >out.jsonl
same "1 280;2 1120;3 2240;4 1120" "$(field source.line tokens.gemini <out.jsonl | sort | paste -sd';')" "tokens by what Gemini calls media resolution"

if [ -x "$(dirname "$IMGWEIGH")/imgweigh-worker" ]; then
    status 0 imgweigh fix -q -p anthropic beside.jsonl >beside.out 2>err.txt
    cmp beside.out <(sed 's|image/jpeg|image/png|; s|image/gif|image/png|; s|IMAGE/PNG|image/png|; s|"PNG"|"png"|' beside.jsonl) ||
        fail "fix writes more than the types beside images"
    imgweigh fix -q -p anthropic --private allow --resolve "pictures.test:$PORT:127.0.0.1" said.jsonl >said.out 2>err.txt
    cmp said.out <(sed '1s|"format":"image/jpeg"|"format":"image/png"|' said.jsonl) || fail "fix writes more than the type that a request names wrongly"
fi

echo "== what the consumer may not fetch"
sed "s/pictures.test/rules.test/" many.json >rules.json
imgweigh -q --robots --resolve "rules.test:$PORT:127.0.0.1" -f jsonl -p openai,anthropic rules.json >out.jsonl
same "by-url over side-over,side-over,robots-refused" "$(field custom_id verdict rules <out.jsonl | grep ^by-url)" "robots.txt for the consumer"
contains out.jsonl "robots.txt disallows it for Claude-User, and anthropic obeys"
status 0 weigh -p none --private allow --from requests - <<<"$(sed -n 7p batch.jsonl)" >out.jsonl
same "1 local ok -" "$(told)" "a consumer that is near"
echo "http://pictures.test:$PORT/ok/64x48.1000.png?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60" >signed.txt
status 0 weigh -p none signed.txt >out.jsonl
same "1 null ok -" "$(told)" "a signed URL in a list"
status 0 weigh -p none --horizon 1h signed.txt >out.jsonl
same "1 null warn url-expiring" "$(told)" "with --horizon"

echo "== models of the operator's"
echo "http://pictures.test:$PORT/ok/3000x3000.5000.png" >list.txt
for model in gpt-4o:765 gpt-5.6-sol:10604 another:10604; do
    status 0 weigh -p openai-2026 --model ${model%:*} --fail-on never list.txt >out.jsonl
    same "${model#*:}" "$(field tokens.openai-2026 <out.jsonl)" "tokens of ${model%:*}"
done

echo "== data URIs elsewhere"
status 1 weigh -p openai --limit max_side_px=2000 uris.txt >out.jsonl
same "1 null over side-over; 2 null warn type-mismatch; 3 null broken bad-data-uri; 4 null broken not-an-image" "$(told)" "of a list"
contains out.jsonl '"url":"data:image/png;base64,…('
status 1 weigh -p openai --limit max_side_px=2000 page.html >out.jsonl
same "1 null over side-over; 2 null ok -; 3 null over side-over" "$(told)" "of a page"
status 1 weigh -p openai --limit max_side_px=2000 --exclude none list.csv >out.jsonl
same "2 null over side-over" "$(told)" "of a CSV"
same "list.csv 2 image_url" "$(field source.path source.line source.element <out.jsonl)" "its place"
status 0 weigh -p openai --limit max_side_px=2000 --include none --exclude data: uris.txt >out.jsonl
same "" "$(cat out.jsonl)" "what --include leaves"

echo "== reports"
imgweigh --max-retries 0 --resolve "pictures.test:$PORT:127.0.0.1" -p openai-2026 -o csv:out.csv -o markdown:out.md -o html:out.html \
    -o html-mail:mail.html -o prometheus:out.prom -o junit:out.xml --history=runs.db batch.jsonl >out.txt 2>err.txt
# what is wrong with the file is no image
for name in out.md out.html mail.html; do
    grep -qE "5 of 14 images do not (fit|pass); 2 faults of the inputs" $name || fail "$name: $(grep -o '.\{60\}of the inputs' $name)"
done
contains out.prom 'imgweigh_images{verdict="over"} '
contains out.prom "imgweigh_input_faults 2"
same 14 "$(sed -n 's/^imgweigh_images{.*} //p' out.prom | awk '{n += $1} END {print n}')" "images of the metrics"
contains out.xml "of 16 images and faults of the inputs pass"
imgweigh report --history=runs.db -f nagios >line.txt
grep -q "5 of 14 images do not fit, 2 faults of the inputs; .*images=14;;;0 faults=2;" line.txt || fail "$(cat line.txt)"
imgweigh report --history=runs.db >again.txt
contains again.txt "14 images, 2 faults of the inputs: 2 over, 5 broken, 5 warn, 4 ok; "
contains out.txt "read as: requests, 14 requests, 16 images (openai-chat)"
contains out.txt "2 images are known to the consumer alone, by an id or in its store: not weighed"
column=$(sed -n 3p batch.jsonl | awk '{print index($0, "\"data:")}')
contains out.txt "in batch.jsonl:3:$column (\$.body.messages[0].content[0].image_url.url, custom_id patches)"
contains out.txt "14 images, 2 faults of the inputs: 2 over, 5 broken, 5 warn, 4 ok; "
grep -q "^openai-2026: [0-9,]* tokens for 12 images of 14 requests, [0-9,]* each; of 2 images it is not known" out.txt || fail "$(cat out.txt)"
python3 - <<'END' || fail "CSV"
import csv
rows = list(csv.DictReader(open("out.csv", newline="")))
assert len(rows) == 16 and all(None not in row for row in rows)
assert [(r["source_line"], r["custom_id"]) for r in rows if r["rules"] == "duplicate-custom-id"] == [("6", "url-4o")]
END
if python3 -c 'import jsonschema' 2>/dev/null; then
    weigh -p openai,anthropic batch.jsonl many.json >out.jsonl 2>err.txt
    python3 "$TOP/tests/cli/schema_valid.py" "$TOP/doc/schema/record.schema.json" <out.jsonl || fail "records are not what the schema says"
fi

echo "== more images than are looked at"
python3 - <<'END'
import json
part = {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="}}
json.dump({"messages": [{"role": "user", "content": [part] * 5000}]}, open("thousands.json", "w"))
END
status 3 weigh -p none thousands.json >out.jsonl 2>err.txt
contains err.txt "thousands.json:1:1: not all of its images are looked at"

echo "== a URL that is too long is not asked for by its beginning"
python3 - "$ORIGIN/ok/10x10.1000.png?" <<'END'
import json, sys
url = lambda text: {"type": "image_url", "image_url": {"url": text}}
long = sys.argv[1] + "a" * 65536
json.dump({"messages": [{"role": "user", "content": [url(long + "1"), url(" " * 200 + long + "2")]}]}, open("long.json", "w"))
END
asked=$(wc -l <"$LOG")
status 1 weigh -p none --private allow long.json >out.jsonl 2>err.txt
same 2 "$(grep -c "the URL is longer than 65536 bytes" out.jsonl)" "URLs that are too long"
same "$asked" "$(wc -l <"$LOG")" "requests"

echo "== names that are too long to be compared"
python3 -c 'for c in "ab": print("{\"custom_id\":\"" + "x" * 600 + c + "\",\"body\":{\"messages\":[]}}")' >names.jsonl
status 0 weigh -p none names.jsonl >out.jsonl
same "" "$(cat out.jsonl)" "custom_ids that begin alike"
