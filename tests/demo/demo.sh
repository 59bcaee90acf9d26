#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# The demonstration finds the planted offenders, all of them and no other. TAP.
set -u
echo 1..5
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || { for n in 1 2 3 4 5; do echo "ok $n # SKIP nginx is not installed"; done; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$TOP/examples/catalogue/demo.sh" -q -f jsonl >"$work/out.jsonl" 2>"$work/err"
status=$?
[ $status -eq 1 ] && echo "ok 1 - exit status 1" || { echo "not ok 1 - exit status $status"; sed 's/^/# /' "$work/err"; }
python3 - "$TOP/examples/catalogue/expected.tsv" "$work/out.jsonl" <<'END' && echo "ok 2 - the planted offenders" || echo "not ok 2 - the planted offenders"
import json, sys
planted = dict((row[0], (row[1], row[2])) for row in (line.rstrip("\n").split("\t") for line in open(sys.argv[1]) if line[0] != "#"))
wrong = 0
for line in open(sys.argv[2]):
    record = json.loads(line)
    path = "/" + record["url"].split("/", 3)[3]
    found = (record["verdict"], ",".join(f["rule"] for f in record["findings"]))
    if found != planted.pop(path, ("ok", "")):
        print("#", path, found)
        wrong += 1
for path in planted:
    print("# not found:", path)
sys.exit(wrong + len(planted) > 0)
END
text=$(MENDED=$work/mended BATCH=$work/batch bash "$TOP/examples/catalogue/demo.sh" 2>&1)
grep -q '^43 images: 7 over, 3 broken, 1 warn, 32 ok' <<<"$text" && echo "ok 3 - the report" || { echo "not ok 3 - the report"; sed 's/^/# /' <<<"$text"; }
# What was mended opens in an independent decoder, with the pixels that fit.
if [ ! -x "$BUILD/imgweigh-worker" ] || ! /usr/bin/python3 -c 'import PIL' 2>/dev/null; then
    for n in 4 5; do echo "ok $n # SKIP built without fix, or python3-pil is not installed"; done
    exit 0
fi
/usr/bin/python3 - "$work/mended" <<'END' && echo "ok 4 - what was mended" || { echo "not ok 4 - what was mended"; sed 's/^/# /' <<<"$text"; }
import os, sys
from PIL import Image
expected = {"heavy.png.jpg": (1600, 1200), "wide.png.jpg": (1280, 320), "tall.jpg": (320, 960), "scan.bmp.jpg": (600, 400),
            "spinner.gif.jpg": (48, 48), "hero.png.jpg": (1280, 384), "poster.bmp.jpg": (320, 180), "mislabelled.jpg.png": (320, 240)}
found = {}
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with Image.open(os.path.join(folder, name)) as image:
            image.load()
            found[name] = image.size
print("#", found)
sys.exit(found != expected)
END
# The batch file is the same but for its images, which fit now, and their labels: said by another parser and another decoder.
grep -E '^7 images: 4 recompressed, 1 relabelled, 2 kept; .* -> .* tokens.*; 1 request file written, .* -> ' <<<"$text" | sed 's/^/# /'
/usr/bin/python3 - "$work/batch" <<'END' && echo "ok 5 - a batch file" || { echo "not ok 5 - a batch file"; sed 's/^/# /' <<<"$text"; }
import base64, io, json, sys
from PIL import Image
before, after = ([json.loads(line) for line in open(f"{sys.argv[1]}/{name}.jsonl")] for name in ("batch", "repaired"))
assert "1.0e0" in open(f"{sys.argv[1]}/repaired.jsonl").read()
found = {}
for old, new in zip(before, after, strict=True):
    for a, b in zip(old["body"]["messages"][0]["content"], new["body"]["messages"][0]["content"], strict=True):
        if b["type"] != "image_url":
            continue
        url = b["image_url"]["url"]
        if url.startswith("data:"):
            kind, data = url[5:].split(";base64,")
            with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
                image.load()
                assert kind == "image/" + image.format.lower(), (old["custom_id"], kind, image.format)
                found[old["custom_id"]] = image.size, image.format
        a["image_url"]["url"] = b["image_url"]["url"] = ""
    assert old == new, old["custom_id"]
print("#", found)
assert found == {"kept": ((768, 544), "JPEG"), "too-wide": ((1280, 320), "JPEG"), "too-tall": ((320, 960), "JPEG"),
                 "too-heavy": ((1600, 1200), "JPEG"), "wrong-format": ((600, 400), "JPEG"), "wrong-label": ((320, 240), "PNG")}, found
END
