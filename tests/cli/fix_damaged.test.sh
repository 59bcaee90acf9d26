# Damaged pictures of every format that can be made here: each ends with a sentence of its decoder, none behind the walls of
# its worker.
. "$TOP/tests/cli/fix_lib.sh"
make_images www
mkdir in
python3 - www/img ${IW_CORPUS:+"$IW_CORPUS/images"} <<'PY'
import os, random, sys
chance = random.Random(3)
wanted = ("jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "heic", "heif", "avif", "jxl")
found = {}
for folder in sys.argv[1:]:
    for path, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            extension = name.rsplit(".", 1)[-1].lower()
            if extension in wanted and 200 < os.path.getsize(f"{path}/{name}") < 100000:
                found.setdefault(extension, []).append(open(f"{path}/{name}", "rb").read())
try:
    import io
    from PIL import Image
    picture = Image.frombytes("RGB", (80, 60), bytes(chance.randrange(256) for _ in range(80 * 60 * 3)))
    for extension, kind in (("jpg", "JPEG"), ("webp", "WEBP"), ("tiff", "TIFF"), ("png", "PNG")):
        out = io.BytesIO()
        picture.save(out, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
        found.setdefault(extension, []).insert(0, out.getvalue())
except ImportError:
    pass
for extension, files in found.items():
    for n, whole in enumerate(chance.sample(files, min(3, len(files))) + files[:1]):
        for share in (30, 60, 80, 95, 99):
            open(f"in/{n}-cut-at-{share}.{extension}", "wb").write(whole[:len(whole) * share // 100])
        for i in range(3):
            bent = bytearray(whole)
            for _ in range(3):
                bent[chance.randrange(len(bent) // 4, len(bent))] ^= 1 << chance.randrange(8)
            open(f"in/{n}-bent-{i}.{extension}", "wb").write(bent)
print("# formats:", *sorted(found))
PY
status 1 imgweigh fix -q -f jsonl -p none --fit 20x20 --worker-timeout 10s --out-dir out in >out.jsonl
same "$(find in -type f | wc -l)" "$(wc -l <out.jsonl)" records
same "" "$(field url reason <out.jsonl | grep ' decode-' | head -n 3)" "decoders that were lost"
[ "$(field action <out.jsonl | grep -c failed)" -gt 20 ] || fail "hardly anything was damaged"
records_valid out.jsonl
