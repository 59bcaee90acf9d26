# Servers that break off, change their mind or lie while an offender is fetched: the bytes of one version or none, and none of
# them twice where that can be helped. What counts in the end is what the bytes are.
. "$TOP/tests/cli/fix_lib.sh"
mkdir files
picture files/a.bmp 300 200 1
picture files/other.bmp 300 200 2
picture files/large.bmp 800 600 3
picture files/small.bmp 16 16 4
start_origin --files "$PWD/files"
limits=(-q -f jsonl -p none --max-bytes 100kB --dims never --method head --max-retries 2 -t 5s)
half=90027 last=180053 # of a.bmp and other.bmp

# a host with one URL is done with after its HEAD: the GET has a connection of its own, on which nothing of a HEAD is left
cat >expected <<END
cut/a.bmp recompressed a.bmp - $half-$last
cut-often/large.bmp recompressed large.bmp - 720027-1440053 1080040-1440053
cut-unmarked/a.bmp recompressed a.bmp - -
cut-weak/a.bmp recompressed a.bmp - -
cut-changed/a.bmp recompressed other.bmp - $half-$last
cut-changed-206/a.bmp recompressed other.bmp - $half-$last -
cut-416/a.bmp recompressed a.bmp - $half-$last -
cut-wrong-range/a.bmp recompressed a.bmp - $half-$last -
cut-moved/a.bmp recompressed other.bmp - $half-$last
cut-503/a.bmp recompressed a.bmp - $half-$last $half-$last
cut-always/a.bmp failed the connection broke off: transfer closed with 90027 bytes remaining to read (after retries) - - -
chunks/a.bmp recompressed a.bmp -
larger/a.bmp recompressed large.bmp -
smaller/a.bmp kept -
squeezed/a.bmp failed the server compresses although identity is asked for -
endless/a.bmp failed larger than 134217728 bytes, the most that is fetched -
moved/a.bmp recompressed a.bmp -
gone/a.bmp failed HTTP status 404 -
login/a.bmp failed not an image: HTML -
END
# a host each: what breaks on one connection is no other's matter
port=${ORIGIN##*:} hosts=()
while read -r path _; do
    hosts+=(--resolve "${path%%/*}.test:$port:127.0.0.1")
    echo "http://${path%%/*}.test:$port/fetch/$path"
done <expected >list.txt
imgweigh fix "${limits[@]}" files >control.jsonl
status 1 imgweigh fix "${limits[@]}" "${hosts[@]}" list.txt >out.jsonl
python3 - "$LOG" <<'PY' >seen || fail "records"
import json, os, sys
control = {r["data_uri"]: os.path.basename(r["url"]) for r in map(json.loads, open("control.jsonl")) if r["data_uri"]}
assert len(control) == 3
asked = {}
for line in open(sys.argv[1]):
    _, _, _, method, path, part, if_range, *_ = line.rstrip("\n").split("\t")
    if method == "GET":
        assert (if_range != "-") == (part != "-") and if_range in ("-", '"v1"'), line
        asked.setdefault(path, []).append(part.replace("bytes=", ""))
records = {r["url"]: r for r in map(json.loads, open("out.jsonl"))}
for line in open("list.txt"):
    r = records.pop(line.strip())
    path = r["url"][r["url"].index("/", 8):]
    what = r["reason"] if r["action"] == "failed" else control.get(r["data_uri"], "a mixture") if r["data_uri"] else ""
    print(*" ".join([path[len("/fetch/"):], r["action"], what, *asked.get(path, [])]).split())
assert not records
PY
diff expected seen || fail "not as expected"
records_valid out.jsonl
status 0 imgweigh fix "${limits[@]}" --from image "$ORIGIN/fetch/later/a.bmp" >later.jsonl
same "recompressed" "$(field action <later.jsonl)" "429, then fine"
waited=$(awk -F'\t' '$4 == "GET" && /later/ {if (n++ == 0) first = $1; else print $1 - first}' "$LOG")
[ "$waited" -ge 1000 ] || fail "asked again after $waited ms although a second was asked for"
# the record says of the original what its bytes were, whatever HEAD said
same "1440054 822 180054" "$(for n in larger smaller cut-changed; do grep "/$n/" out.jsonl; done | field original.bytes | tr '\n' ' ' | sed 's/ $//')" "bytes of the bodies"
# HEAD said small: what is to be inlined is judged again, too
status 0 imgweigh fix "${limits[@]}" --inline all --from image "$ORIGIN/fetch/larger/small.bmp" >out.jsonl
same "recompressed 1440054" "$(field action original.bytes <out.jsonl)"
# a size that is never told is found out
status 0 imgweigh fix "${limits[@]}" --from image "$ORIGIN/chunked/10x10.1000.png" >out.jsonl
same "kept 1000" "$(field action original.bytes <out.jsonl)"
status 1 imgweigh fix "${limits[@]}" --from image "$ORIGIN/chunked/10x10.200000.png" >out.jsonl
same "failed 200000" "$(field action original.bytes <out.jsonl)"
status 1 imgweigh fix "${limits[@]}" --from image "$ORIGIN/fetch/gone/a.bmp?1" >out.jsonl
same "180054" "$(field original.bytes <out.jsonl)" "bytes as HEAD told them"

# a public host that was asked by HEAD leads the GET to a private address: not followed. In a network of its own, where a public
# address is ours.
if unshare -rn true 2>/dev/null && command -v ip >/dev/null; then
    export -f imgweigh fail same status field actions
    export TOP IMGWEIGH IW_WRAP="${IW_WRAP-}"
    unshare -rn bash -u <<'END' || fail "private addresses"
ip link set lo up && ip addr add 8.8.4.4/32 dev lo || exit 1
rm -f hold; mkfifo hold
python3 "$TOP/tests/origin/origin.py" --log crossing.log --files files --host 0.0.0.0 <hold >port.out &
exec 9>hold
for _ in $(seq 100); do grep -q PORT= port.out && break; sleep 0.05; done
port=$(sed -n 's/^PORT=//p' port.out)
url="http://8.8.4.4:$port/fetch/moved-to/a.bmp?to=http://127.0.0.1:$port/file/other.bmp"
common=(-q -f jsonl -p none --max-bytes 100kB --dims never --method head --max-retries 0 --from image)
status 1 imgweigh fix "${common[@]}" "$url" >out.jsonl
same "failed the address is private" "$(field action reason <out.jsonl | cut -d: -f1)"
same 0 "$(awk -F"\t" '$5 == "/file/other.bmp"' crossing.log | wc -l)" "requests to the private address"
status 0 imgweigh fix "${common[@]}" --private allow "$url" >out.jsonl
same recompressed "$(field action <out.jsonl)" "with --private allow"
exec 9>&-
END
else
    echo "# private addresses: not tried, no network of our own is to be had"
fi
