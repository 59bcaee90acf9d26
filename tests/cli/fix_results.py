#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""fix_results.py FOLDER <RECORDS: writes each data URI of fix's records to FOLDER, and opens every result, those files and
what --out-dir wrote, with a decoder that is not ours: Pillow, else djpeg for JPEG. Exits 1 at the first that is not what its
record states; prints which decoder looked at how many."""
import base64
import json
import os
import shutil
import subprocess
import sys

try:
    from PIL import Image, ImageOps
except ImportError:
    Image = None
DJPEG = shutil.which("djpeg")


def decode(path, kind):
    """(decoder, width, height) as displayed; None: nobody here reads it."""
    if Image:
        with Image.open(path) as image:
            image.load()
            assert image.format.lower() == kind, (path, image.format, kind)
            return ("Pillow", *ImageOps.exif_transpose(image).size)
    if DJPEG and kind == "jpeg":
        out = subprocess.run([DJPEG, "-pnm", path], check=True, capture_output=True).stdout
        assert out[:2] in (b"P5", b"P6")
        return ("djpeg", *(int(n) for n in out[3:].split(b"\n", 2)[0].split()))
    return None


def main(folder):
    os.makedirs(folder, exist_ok=True)
    seen = {}
    for number, line in enumerate(sys.stdin):
        record = json.loads(line)
        result = record.get("result")
        if not result:
            continue
        path = record["path"]
        if record["data_uri"]:
            head, _, text = record["data_uri"].partition(",")
            kind = "jpeg" if result["format"] == "jpeg" else result["format"]
            assert head == f"data:image/{kind};base64", head
            assert len(text) == result["base64_bytes"], (len(text), result)
            path = os.path.join(folder, f"{number}.{kind}")
            with open(path, "xb") as out:
                out.write(base64.b64decode(text, validate=True))
        assert path, line[:200]
        assert os.path.getsize(path) == result["bytes"], (path, result)
        assert result["base64_bytes"] == (result["bytes"] + 2) // 3 * 4
        found = decode(path, result["format"])
        if found:
            assert found[1:] == (result["width"], result["height"]), (path, found, result)
        seen[found[0] if found else "nobody"] = seen.get(found[0] if found else "nobody", 0) + 1
    print("# opened by", ", ".join(f"{who}: {count}" for who, count in sorted(seen.items())) or "nobody: no results")
    return 0 if seen else 1


sys.exit(main(sys.argv[1]))
