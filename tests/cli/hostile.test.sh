# A codec that has been taken over: whatever it tries costs its own picture, and no other.
worker=$BUILD/tests/worker/hostile-worker
[ -x "$worker" ] || skip "the hostile worker is not built (without fix)"
"$worker" --version | grep -q seccomp || skip "no seccomp here (a sanitizer's build, or an old kernel)"
mkdir bin in out
cp "$IMGWEIGH" bin/imgweigh
cp "$worker" bin/imgweigh-worker
IMGWEIGH=$PWD/bin/imgweigh

words="loop eat open create connect exec fork kill code scribble trespass crash length size format error leave"
n=10
for word in $words; do
    n=$((n + 1))
    for name in "$word" good; do # a good one behind each
        printf 'P' >/dev/null
        python3 - "in/$n-$name.png" "$name" <<'PY'
import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes(16) for _ in range(16))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + b"HOSTILE:" + sys.argv[2].encode())
PY
    done
done
status 1 imgweigh fix -q -f jsonl -p none --fit 8x8 --worker-timeout 5s --out-dir out in >out.jsonl
same "$(ls in | wc -l)" "$(wc -l <out.jsonl)" records
same "" "$(ls hostile-was-here in/hostile-was-here out/hostile-was-here 2>/dev/null)" "a file that it made"
field url action reason <out.jsonl | sort >seen.txt
expect() { grep -q "in/[0-9]*-$1.png failed .*$2" seen.txt || { cat seen.txt; fail "$1: not \"$2\""; }; }
expect loop "decode-timeout: not done after 5000 ms"
expect eat "\(no more memory\|decode-timeout\)" # by its limit, or by its time on a busy machine
for word in open create connect exec fork kill code; do expect $word "decode-blocked"; done
expect scribble "makes no sense"
expect trespass "decode-crashed: signal 11"
expect crash "decode-crashed: signal 11"
expect length "wrote more than there is room"
expect size "other pixels than was said"
expect format "does not begin and end as a JPEG does"
expect error "makes no sense"
expect leave "makes no sense"
same "$(wc -w <<<"$words")" "$(grep -c 'good.png recompressed' seen.txt)" "good pictures mended among them"
