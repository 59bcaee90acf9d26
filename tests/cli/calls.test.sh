# What confined workers ask the kernel for is what the filter lets through: no more, or they would have been killed; no
# less, or the filter would be too wide.
command -v strace >/dev/null || skip "strace is not installed"
worker=$BUILD/imgweigh-worker
[ -x "$worker" ] || skip "built without fix"
"$worker" --version | grep -q seccomp || skip "no seccomp here (a sanitizer's build, or an old kernel)"
[ -x "$BUILD/tests/worker/hostile-worker" ] || skip "the hostile worker is not built"

# calls_of LOG: the system calls of processes between their own filter's installation and their end
calls_of() {
    python3 - "$1" <<'PY'
import re, sys
confined, calls = set(), set()
for line in open(sys.argv[1], errors="replace"):
    match = re.match(r"(\d+)\s+(\w+)\(", line)
    if not match:
        continue
    pid, call = match.groups()
    if call == "close_range":
        confined.add(pid)
    elif pid in confined and call not in ("seccomp", "write", "writev"):  # the last two are told that nothing is open
        calls.add(call)
print("\n".join(sorted(calls)))
PY
}
make_images www
strace -f -qq -o strace.log "$IMGWEIGH" fix -q -p none --fit 100x100 --out-dir out www/img >/dev/null 2>&1
calls_of strace.log >used.txt
if [ -n "${IW_CORPUS-}" ]; then
    strace -f -qq -o strace.log "$IMGWEIGH" fix -q -p none --fit 64x64 --out-dir out2 "$IW_CORPUS/images" >/dev/null 2>&1
    calls_of strace.log >>used.txt
fi
# memory up to the limit
mkdir bin
cp "$IMGWEIGH" bin/imgweigh
cp "$BUILD/tests/worker/hostile-worker" bin/imgweigh-worker
cp www/img/drawing-1.png eat.png
printf 'HOSTILE:eat' >>eat.png
strace -f -qq -o strace.log bin/imgweigh fix -q -p none --fit 8x8 --out-dir out3 eat.png >/dev/null 2>&1
calls_of strace.log >>used.txt
same "$("$worker" --version | sed -n 's/.*; calls //p' | tr ' ' '\n' | sort | tr '\n' ' ')" "$(sort -u used.txt | tr '\n' ' ')" "system calls"
[ ! -x "$worker-untrusted" ] || same "$("$worker" --version | sed 's/.*; calls //')" \
    "$("$worker-untrusted" --version | sed 's/.*; calls //')" "the filter of the other program"
