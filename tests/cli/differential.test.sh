# Other readers of headers, where they are installed: ImageMagick's identify and libheif's heif-info see the same sizes. An exception
# is named with the reason why we are right.
[ -d "${IW_CORPUS-}/images" ] || skip "the corpus is not here"
command -v identify >/dev/null || command -v heif-info >/dev/null || skip "neither identify nor heif-info is installed"
imgweigh -q -f jsonl -p none --dims always "$IW_CORPUS/images" >local.jsonl || [ $? = 1 ] || fail "exit status $?"
python3 - "$IW_CORPUS/images/" <<'END' || fail "sizes differ"
import json, re, shutil, subprocess, sys
EXCEPTIONS = {}
mine = {}
for line in open("local.jsonl"):
    record = json.loads(line)
    if record.get("width"):
        mine[record["url"]] = record
def lines(command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=100).stdout.splitlines()
def by_identify():
    kinds = "jpeg", "png", "gif", "webp", "bmp", "tiff", "psd", "pcx", "dds", "pnm", "jp2"
    paths = sorted(p for p, r in mine.items() if r["format"] in kinds)
    seen = {}
    for line in lines(["timeout", "90", "identify", "-quiet", "-limit", "thread", "1", "-ping", "-format", "%w %h %s %i\n"] + [p + "[0]" for p in paths]):
        width, height, scene, path = line.split(" ", 3)
        path = re.sub(r"\[0\]$", "", path)
        if path in mine:
            seen.setdefault(path, (int(width), int(height)))
    return seen, "stored_width", "stored_height"
def by_heif_info():
    seen = {}
    for path in sorted(p for p, r in mine.items() if r["format"] in ("heic", "avif")):
        for line in lines(["timeout", "5", "heif-info", path]):
            found = re.match(r"image: (\d+)x(\d+) .*primary", line)
            if found:
                seen[path] = int(found[1]), int(found[2])
    return seen, "width", "height"
bad = 0
for tool, ask in ("identify", by_identify), ("heif-info", by_heif_info):
    if not shutil.which(tool):
        continue
    seen, width, height = ask()
    count = 0
    for path, size in seen.items():
        record, name = mine[path], path[len(sys.argv[1]):]
        count += 1
        if size != (record[width], record[height]) and (tool, name) not in EXCEPTIONS:
            print("#", tool, name, size, "ours", record[width], record[height])
            bad += 1
    print("#", tool, count, "images")
    bad += count == 0
sys.exit(bad > 0)
END
