# Where a repaired request file goes: nothing is lost, nothing half-written, nothing put where it does not belong.
. "$TOP/tests/cli/fix_lib.sh"
files() { python3 "$TOP/tests/cli/request_files.py" "$@"; }
files make http://127.0.0.1:1
imgweigh fix -q -p openai --inline offenders many.json >many.want 2>err.txt || fail "many.json: $(cat err.txt)"
fix() { imgweigh fix -q -p openai "$@"; }
same_files() { cmp "$1" "$2" || fail "$3"; }

echo "== --output, --out-dir, standard input as a file and as a pipe"
status 0 fix --output out.json many.json >report 2>err.txt
same_files many.want out.json "--output"
status 0 fix --output out.json many.json >report 2>err.txt
mkdir sub && cp many.json sub/many.json
status 0 fix --out-dir dir sub/many.json converse.json >report 2>err.txt
same_files many.want dir/many.json "--out-dir"
same "converse.json many.json" "$(ls -A dir | tr '\n' ' ' | sed 's/ $//')" "files of a folder"
status 3 fix --out-dir dir many.json >report 2>err.txt
contains err.txt "many.json cannot be written: File exists"
status 0 fix --out-dir dir --force many.json >report 2>err.txt
mkdir -p tree/a tree/b && cp many.json tree/a && cp converse.json tree/b/many.json
status 3 fix --from requests --out-dir both --force tree >report 2>err.txt
contains err.txt "another input of this name was written already"
status 0 fix <many.json >out 2>err.txt
same_files many.want out "standard input, a file"
status 0 fix - < <(cat many.json) >out 2>err.txt
same_files many.want out "standard input, a pipe"
{ head -c 3000 many.json; sleep 0.3; tail -c +3001 many.json; } | fix --from requests >out 2>err.txt || fail "a slow pipe"
same_files many.want out "standard input, a slow pipe"

echo "== what is no regular file stays what it is"
mkfifo pipe && echo kept >kept.txt && ln -s kept.txt link.txt && mkdir linked && ln -s ../kept.txt linked/many.json
for name in pipe link.txt; do
    status 3 fix --output $name many.json >report 2>err.txt
    contains err.txt "$name is no regular file"
done
status 3 fix --out-dir linked --force many.json >report 2>err.txt
[ -p pipe ] && [ -L link.txt ] && [ -L linked/many.json ] || fail "a pipe or a link gave way to a file"
same kept "$(cat kept.txt)" "what a link leads to"
rm -r pipe link.txt linked

echo "== --in-place"
cp many.json mine.json && chmod 640 mine.json && touch -d 2001-01-01 mine.json
cp clean.jsonl fits.jsonl && touch -d 2001-01-01 fits.jsonl
status 1 fix --in-place mine.json fits.jsonl >report 2>err.txt # of its line that is no JSON
same_files many.want mine.json "--in-place"
same 640 "$(stat -c %a mine.json)" mode
same "$(date -d 2001-01-01 +%s)" "$(stat -c %Y fits.jsonl)" "time of a file that fits"
same 0 "$(find . -name '.imgweigh-*' | wc -l)" "files beside"
cp many.json target.json && ln -s target.json link.json
status 3 fix --in-place link.json >report 2>err.txt
contains err.txt "symbolic link"
same_files many.json target.json "the target of a link"
ln target.json other.json
status 3 fix --in-place target.json >report 2>err.txt
contains err.txt "hard links"
same_files many.json target.json "a file with two names"
status 3 fix --output other.json target.json >report 2>err.txt
same_files many.json target.json "in and out are one file"
if [ "$(id -u)" != 0 ]; then
    mkdir closed && cp many.json closed && chmod 500 closed
    status 3 fix --in-place closed/many.json >report 2>err.txt
    same_files many.json closed/many.json "a folder that is closed"
    chmod 700 closed
fi

echo "== files that are packed"
gzip -nk many.json
gzip -cn clean.jsonl >fits.jsonl.gz
status 0 fix many.json.gz >out 2>err.txt
same_files many.want out "standard output is not packed"
status 0 fix - <many.json.gz >out 2>err.txt
same_files many.want out "standard input, a file that is packed"
cat many.json.gz | status 0 imgweigh fix -q -p openai - >out 2>err.txt
same_files many.want out "standard input, a pipe"
status 0 fix --output out.json.gz many.json.gz >report 2>err.txt
gzip -dc out.json.gz >out && same_files many.want out "packed by its name"
cp out.json.gz first.gz && status 0 fix --output out.json.gz many.json >report 2>err.txt
same_files first.gz out.json.gz "the same bytes are packed into the same"
status 1 fix --out-dir packed many.json.gz fits.jsonl.gz >report 2>err.txt
gzip -dc packed/many.json.gz >out && same_files many.want out "--out-dir keeps the name"
gzip -dc packed/fits.jsonl.gz >out && same_files clean.jsonl out "a file that fits, packed"
for n in 1 2 3; do cat batch.jsonl; done | gzip -n >batch.jsonl.gz
status 1 fix --split 400kB --output parts.jsonl.gz batch.jsonl.gz >report 2>err.txt
gzip -dc parts-?of?.jsonl.gz >out || fail "parts: $(ls)"
status 1 fix --output out.jsonl batch.jsonl.gz >report 2>err.txt
same_files out.jsonl out "parts that are packed"
rm parts-* batch.jsonl.gz
cp many.json.gz kept.gz
status 2 fix --in-place many.json.gz >report 2>err.txt
contains err.txt "many.json.gz is packed: --output NAME.gz"
status 3 fix --output many.json.gz many.json.gz >report 2>err.txt
contains err.txt "is what is read"
same_files kept.gz many.json.gz "what was read"
cp batch.jsonl grows.jsonl
status 3 fix grows.jsonl >>grows.jsonl 2>err.txt
contains err.txt "standard output is what is read: --in-place does that"
status 3 fix - <grows.jsonl 1<>grows.jsonl 2>err.txt
contains err.txt "standard output is what is read"
same_files batch.jsonl grows.jsonl "what was read and would have been written to"
rm grows.jsonl
head -c 1000 many.json.gz >cut.json.gz
status 3 fix --output cut.out cut.json.gz >report 2>err.txt
contains err.txt "cut.json.gz cannot be unpacked: the gzip stream ends early"
[ ! -e cut.out ] || fail "something was written of a file that is cut"
status 0 imgweigh check -q -p openai --fail-on never -f jsonl many.json.gz >packed.jsonl 2>err.txt
status 0 imgweigh check -q -p openai --fail-on never -f jsonl many.json >plain.jsonl 2>err.txt
same "$(field url verdict <plain.jsonl | sort)" "$(field url verdict <packed.jsonl | sort)" "what check says of packed and plain"

echo "== --in-place keeps attributes and access control lists"
# attributes set FILE: sets what the file system can have; attributes FILE: lists them
attributes() {
    python3 - "$@" <<'PY'
import os, struct, sys
path = sys.argv[-1]
entries = [(1, 6, -1), (2, 4, 12345), (4, 4, -1), (16, 4, -1), (32, 0, -1)]  # owner, one user, group, mask, others
wanted = {"user.note": b"\0kept\xff", "user.long": b"x" * 3000,
          "system.posix_acl_access": struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)}
for name, value in wanted.items() if sys.argv[1] == "set" else ():
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        print(f"# {name}: {error.strerror}", file=sys.stderr)
for name in sorted(n for n in os.listxattr(path) if not n.startswith("security.")):
    print(name, os.getxattr(path, name).hex())
print(oct(os.stat(path).st_mode))
PY
}
cp many.json mine.json
attributes set mine.json >before.txt
status 0 fix --in-place mine.json >report 2>err.txt
same_files many.want mine.json "--in-place"
same "$(cat before.txt)" "$(attributes mine.json)" "attributes"
mkdir inherits && cp many.json inherits && chmod 600 inherits/many.json
if python3 -c '
import os, struct
entries = [(1, 7, -1), (2, 7, 12345), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
os.setxattr("inherits", "system.posix_acl_default", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries))' 2>/dev/null; then
    attributes inherits/many.json >before.txt
    status 0 fix --in-place inherits/many.json >report 2>err.txt
    same "$(cat before.txt)" "$(attributes inherits/many.json)" "a list that the folder gives to new files"
fi
rm -r inherits

echo "== no temporary file where nothing changes"
printf '{"custom_id":"a","body":{"model":"gpt-4o","messages":[]}}\n' >none.jsonl
TMPDIR=/none/such status 0 fix none.jsonl >out 2>err.txt
same_files none.jsonl out "nothing to be done"
TMPDIR=/none/such status 3 fix many.json >out 2>err.txt
contains err.txt "the temporary file: No such file"
same 0 "$(stat -c %s out)" "bytes written"

echo "== what changes meanwhile"
mkdir www && cp heavy.png www
start_origin --files "$PWD/www"
python3 - "$ORIGIN" <<'PY'
import json, sys
wide = json.loads(open("batch.jsonl").readlines()[1])
wide["body"]["messages"][0]["content"].append({"type": "image_url", "image_url": {"url": sys.argv[1] + "/slow/1500/a.png"}})
json.dump(wide, open("slow.json", "w"))
PY
# begun NTH: a run that has read moving.json and waits for the URL in it
begun() {
    cp slow.json moving.json
    $IMGWEIGH fix -q -p openai --private allow --in-place moving.json >report 2>err.txt &
    pid=$!
    for _ in $(seq 200); do
        [ "$(grep -c /slow/ "$LOG")" -ge "$1" ] && return
        sleep 0.05
    done
    fail "nothing was asked for"
}
begun 1
echo ' ' >>moving.json
cp moving.json changed.json
wait $pid
same 3 $? "exit status"
contains err.txt "moving.json: it changed while it was read: nothing was written"
same_files changed.json moving.json "a file that changed"
asked=$(grep -c /slow/ "$LOG")
begun $((asked + 1))
cp many.json new.json && mv new.json moving.json
wait $pid
same 3 $? "exit status"
contains err.txt "another file has taken its place"
same_files many.json moving.json "a file that was replaced"
asked=$(grep -c /slow/ "$LOG")
begun $((asked + 1))
kill -INT $pid
wait $pid
same 3 $? "exit status after Ctrl-C"
same_files slow.json moving.json "a file whose repair was interrupted"

echo "== parts"
status 1 fix --split 120kB --output parts.jsonl batch.jsonl >report 2>err.txt # of its URLs
same "parts-1of2.jsonl parts-2of2.jsonl" "$(ls parts* | tr '\n' ' ' | sed 's/ $//')" "parts"
imgweigh fix -q -p openai batch.jsonl >whole.jsonl 2>err.txt
cat parts-1of2.jsonl parts-2of2.jsonl | cmp - whole.jsonl || fail "parts are not the whole"
for part in parts-?of2.jsonl; do
    [ "$(stat -c %s $part)" -le 120000 ] || fail "$part is larger than was asked for"
    [ "$(tail -c 1 $part | od -An -tx1)" = " 0a" ] || fail "$part ends within a line"
done
rm parts*
status 1 fix --split 500kB --output parts.jsonl batch.jsonl >report 2>err.txt
same_files whole.jsonl parts.jsonl "one part"
rm parts*
status 3 fix --split 50kB --output parts.jsonl batch.jsonl >report 2>err.txt
contains err.txt "batch.jsonl:1"
same "" "$(ls parts* 2>/dev/null)" "parts beside a line that is too long"
status 3 fix --split 1kB --output parts.json many.json >report 2>err.txt
contains err.txt "one document, not JSON Lines"

echo "== a file that is too large as it is, and of several models"
printf '{"custom_id":"a","body":{"model":"m","messages":[]}}\n{"custom_id":"b","body":{"model":"n","messages":[]}}\n' >models.jsonl
status 1 imgweigh fix -q -p openai --limit max_file_bytes=60B --limit max_file_requests=1 models.jsonl >out 2>err.txt
same_files models.jsonl out "a file without images"
contains err.txt "models.jsonl: its requests name several models: openai takes one in a batch file"
same 2 "$(grep -c '^imgweigh: models.jsonl: .*that openai accepts' err.txt)" "faults of the file"
status 0 imgweigh fix -q -p none --limit max_file_bytes=60B --split 60B --output parts.jsonl models.jsonl >out 2>err.txt
same 2 "$(ls parts* | wc -l)" parts
rm parts*

echo "== a file that would be too large"
for n in 1 2 3; do
    printf '{"custom_id":"%s","body":{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%s/file/heavy.png"}}]}]}}\n' $n "$ORIGIN"
done >urls.jsonl
grow=(-q -p none --limit max_file_bytes=2MB --private allow --inline all)
status 3 imgweigh fix "${grow[@]}" urls.jsonl >out 2>err.txt
contains err.txt "--split"
same 0 "$(stat -c %s out)" "bytes written"
status 0 imgweigh fix "${grow[@]}" --split 2MB --output grown.jsonl urls.jsonl >out 2>err.txt
same "grown-1of3.jsonl grown-2of3.jsonl grown-3of3.jsonl" "$(ls grown* | tr '\n' ' ' | sed 's/ $//')" "parts"

echo "== what is refused"
printf '{"messages":[{"role":"user","content":[{"type":"image_url","image_' >cut.json
status 3 fix cut.json >out 2>err.txt
same 0 "$(stat -c %s out)" "bytes written for a document that is cut"
echo http://127.0.0.1:1/a.png >list.txt
for args in "many.json list.txt" "--in-place list.txt" "--split 1MB list.txt" "--in-place --output x many.json" "many.json converse.json" "--split 1MB many.json" \
    "--in-place -" "--out-dir d many.json sub/many.json" "-f jsonl many.json"; do
    # shellcheck disable=SC2086
    status 2 fix $args <many.json >out 2>err.txt
    [ -s err.txt ] || fail "nothing said about $args"
done

echo "== a full disk, and a reader that goes away"
if [ -w /dev/full ]; then
    fix many.json >/dev/full 2>err.txt && fail "a full disk went unnoticed"
    contains err.txt "No space left"
fi
fix budget.jsonl 2>err.txt | head -c 10 >/dev/null
same "0 0" "${PIPESTATUS[*]}" "a closed pipe"
