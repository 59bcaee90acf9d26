# Real images with known truth: every JPEG, PNG, GIF, WebP and BMP, exact. Hostile ones: a verdict each, within bounds.
[ -d "${IW_CORPUS-}/images" ] || skip "the corpus is not here"
imgweigh -q -f jsonl -p none --max-side 100000 "$IW_CORPUS/images" >out.jsonl 2>err.txt
python3 - "$IW_CORPUS/images" <<'END' || fail "sizes differ"
import csv, json, sys
top = sys.argv[1]
found = {}
for line in open("out.jsonl"):
    record = json.loads(line)
    if "url" in record:
        found[record["url"][len(top) + 1:]] = record
count = bad = 0
for row in csv.DictReader(open(top + "/truth.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE):
    if not set(row["format"].split("|")) & {"jpeg", "png", "gif", "webp", "bmp"}:
        continue
    record = found.get(row["path"], {})
    count += 1
    for name, key in (("stored_width",) * 2, ("stored_height",) * 2, ("display_width", "width"), ("display_height", "height"),
                      ("orientation",) * 2):
        if row[name] != "?" and str(record.get(key)) != row[name]:
            print("#", row["path"], key, "is", record.get(key), "instead of", row[name])
            bad += 1
print("#", count, "images,", bad, "differences")
sys.exit(bad > 0 or count < 100)
END
python3 - "$IW_CORPUS/hostile" <<'END' || fail "hostile files"
import os, resource, subprocess, sys, time
count = slowest = bad = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith(".tsv") or name.startswith("LICENSE") or name.endswith(".md"):
            continue
        path = os.path.join(folder, name)
        start = time.monotonic()
        run = subprocess.run([os.environ["IMGWEIGH"], "-q", "-f", "jsonl", "--from", "image", path], capture_output=True, timeout=20)
        slowest = max(slowest, time.monotonic() - start)
        count += 1
        if run.returncode > 1 or run.stdout.count(b"\n") != 1 or b'"verdict":' not in run.stdout:
            print("# no verdict:", path, run.returncode, run.stderr[-200:])
            bad += 1
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"# {count} files, the slowest {slowest:.2f} s, peak {peak} kB")
sanitized = subprocess.run(["nm", os.environ["IMGWEIGH"]], capture_output=True).stdout.find(b"__asan") >= 0
sys.exit(bad > 0 or count < 50 or not sanitized and (slowest > 1 or peak > 65536))
END
