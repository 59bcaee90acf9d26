# Local files and folders: the same records, without network.
make_images www
status 1 imgweigh -q -f jsonl www/img >out.jsonl
same "$(find www/img -type f | wc -l)" "$(wc -l <out.jsonl)" records
for row in "www/img/heavy.png over bytes-over" "www/img/login.jpg broken not-an-image" "www/img/cut.png broken header-corrupt" \
    "www/img/mislabelled.jpg warn type-mismatch" "www/img/photo-01.jpg ok -"; do
    field url verdict rules <out.jsonl | grep -qx "$row" || fail "no record \"$row\""
done
same "file file" "$(field bytes_from source.kind <out.jsonl | sort -u)"
status 0 imgweigh -q -f jsonl www/img/photo-01.jpg >out.jsonl
same "argument null 0" "$(field source.kind status requests <out.jsonl)"
status 3 imgweigh -q -f jsonl not-there.png 2>err.txt >out.jsonl
contains err.txt "not-there.png: No such file or directory"
status 3 imgweigh -q /bin/sh 2>err.txt >out.txt
contains err.txt "neither an image nor an input of a known kind"
# what only begins like an image is none in a folder
mkdir -p looks
printf '#define a_width 30\n#define a_height 20\nint main(void);\n' >looks/source.c
echo "some text" | gzip >looks/text.gz
printf '#define a_width 30\n#define a_height 20\nstatic char a_bits[] = {0};\n' >looks/bitmap
status 0 imgweigh -q -p none -f jsonl looks >out.jsonl
same "looks/bitmap xbm 30 20" "$(field url format width height <out.jsonl)"
# bytes that no image of that name begins with; a TGA may begin as it likes
mkdir zeros
for name in a.jpg a.svg a.tga; do head -c 300 /dev/zero >zeros/$name; done
status 1 imgweigh -q -p none --max-side 9 -f jsonl zeros >out.jsonl
same "zeros/a.jpg broken not-an-image zeros/a.svg unknown dims-unknown zeros/a.tga unknown dims-unknown" \
    "$(field url verdict rules <out.jsonl | sort | paste -sd' ')"
# all that an icon holds; 0 is 256
python3 - >many.ico <<'END'
import struct, sys
sides = [48, 0] + list(range(10, 22))
out = struct.pack("<HHH", 0, 1, len(sides))
for side in sides:
    out += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, 100, 6 + 16 * len(sides))
sys.stdout.buffer.write(out + bytes(100))
END
imgweigh explain -p none many.ico >out.txt
contains out.txt "; pictures: 48x48, 256x256, 10x10, 11x11, 12x12, 13x13, 14x14, 15x15, 16x16, 17x17, 18x18, 19x19 and 2 more; alpha"
# what was read although something is wrong with it
python3 - "$(ls www/img/photo-*.jpg | head -1)" >junk.jpg <<'END'
import sys
jpeg = open(sys.argv[1], "rb").read()
second = 4 + int.from_bytes(jpeg[4:6], "big")
sys.stdout.buffer.write(jpeg[:second] + b"junk" + jpeg[second:])
END
imgweigh explain -p none junk.jpg >out.txt
contains out.txt "; damaged: bytes of the header make no sense"
