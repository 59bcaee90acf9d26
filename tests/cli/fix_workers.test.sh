# The worker programs: missing, dead at once, killed or stopped in the middle of a run. What they had is lost, no other image.
. "$TOP/tests/cli/fix_lib.sh"
isolated
mkdir in
picture in/01.bmp 1800 1200
for n in $(seq -w 2 24); do ln in/01.bmp "in/$n.bmp"; done
limits=(-q -f jsonl -p none --fit 300x300)
# server_of PID [OLD]: the worker program of a run, another than OLD; nothing once the run has ended. A child of another
# name is none: a sanitizer looks for leaks from a child of its own, and would wait for ever were it killed.
server_of() {
    local found name
    for _ in $(seq 200); do
        for found in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
            read -r name 2>/dev/null <"/proc/$found/comm" || continue
            [ "$name" = imgweigh-worker ] && [ "$found" != "${2-}" ] && echo "$found" && return
        done
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.01
    done
}
# begin ARG...: a run in the background; sets pid and server, once some images are done
begin() {
    rm -rf out
    $IMGWEIGH fix "${limits[@]}" --log log.jsonl --out-dir out "$@" in >out.jsonl 2>err.txt &
    pid=$!
    server=$(server_of $pid)
    [ -n "$server" ] || fail "no worker program"
    for _ in $(seq 200); do
        [ -n "$(find out -name '*.jpg' 2>/dev/null | head -n 1)" ] && return
        sleep 0.01
    done
}

echo "== killed in the middle of a run"
begin --workers 2
kill -KILL "$server"
wait $pid
same 1 $? "exit status"
same 24 "$(wc -l <out.jsonl)" records
lost=$(field action reason <out.jsonl | grep -c '^failed decode-crashed: the worker program ended$')
[ "$lost" -ge 1 ] && [ "$lost" -le 2 ] || { field action reason <out.jsonl; fail "$lost images lost"; }
same $((24 - lost)) "$(field action <out.jsonl | grep -c '^recompressed$')" "images mended, by another program"
no_strays

echo "== killed again and again"
begin --workers 1
for _ in 1 2 3 4; do
    kill -KILL "$server"
    next=$(server_of $pid "$server")
    [ -z "$next" ] || [ "$next" = "$server" ] && break
    server=$next
done
wait $pid
same 1 $? "exit status"
same 24 "$(wc -l <out.jsonl)" records
same 0 "$(field action reason <out.jsonl | grep failed | grep -cvE 'the worker program (ended|does not run)$')" "other reasons"
no_strays

echo "== stopped: neither does it answer, nor does it die"
begin --workers 2 --worker-timeout 800ms
kill -STOP "$server"
for _ in $(seq 100); do kill -0 $pid 2>/dev/null || break; sleep 0.1; done
kill -0 $pid 2>/dev/null && { kill -KILL $pid $server; fail "it hangs"; }
wait $pid
same 1 $? "exit status"
same 24 "$(wc -l <out.jsonl)" records
lost=$(field action reason <out.jsonl | grep -c ', nor was its program$')
[ "$lost" -ge 1 ] && [ "$lost" -le 2 ] || { field action reason <out.jsonl; fail "$lost images lost"; }
no_strays

echo "== started by one who ignores the end of children"
rm -rf out
bash -c 'trap "" CHLD; exec "$@"' - "$IMGWEIGH" fix "${limits[@]}" --out-dir out in/01.bmp in/02.bmp >out.jsonl || fail "ignored SIGCHLD: $?"
same 2 "$(field action <out.jsonl | grep -c recompressed)"

echo "== those of untrusted decoders"
if python3 -c 'from PIL import Image' 2>/dev/null && [ -x bin/imgweigh-worker-untrusted ]; then
    python3 -c 'from PIL import Image; Image.open("in/01.bmp").save("a.tiff")'
    status 0 imgweigh fix "${limits[@]}" a.tiff in/01.bmp >out.jsonl
    same "recompressed recompressed" "$(field action <out.jsonl | tr '\n' ' ' | sed 's/ $//')"
    printf '#!/bin/sh\nexit 1\n' >bin/imgweigh-worker-untrusted
    status 1 imgweigh fix "${limits[@]}" a.tiff in/01.bmp >out.jsonl
    same "a.tiff failed decode-crashed: the worker program ended" "$(field url action reason <out.jsonl | grep tiff)"
    same "in/01.bmp recompressed" "$(field url action <out.jsonl | grep bmp)"
    rm bin/imgweigh-worker-untrusted
    status 1 imgweigh fix "${limits[@]}" a.tiff in/01.bmp >out.jsonl
    same "a.tiff failed decode-crashed: the worker program does not run" "$(field url action reason <out.jsonl | grep tiff)"
    same "in/01.bmp recompressed" "$(field url action <out.jsonl | grep bmp)"
fi

echo "== the sandbox"
if "$IMGWEIGH" --version | grep -q seccomp; then
    status 0 imgweigh fix "${limits[@]}" -v --require-sandbox in/01.bmp >out.jsonl 2>err.txt
    contains err.txt "pictures are decoded behind seccomp+landlock+rlimits+no-new-privs"
fi

echo "== dead at once, and missing"
printf '#!/bin/sh\nexit 1\n' >bin/imgweigh-worker
status 4 imgweigh fix "${limits[@]}" in/01.bmp >out.jsonl 2>err.txt
contains err.txt "the worker program does not start"
printf 'what is this' >bin/imgweigh-worker
status 4 imgweigh fix "${limits[@]}" in/01.bmp >out.jsonl 2>err.txt
contains err.txt "the worker program does not start"
rm bin/imgweigh-worker
if status 2 imgweigh fix "${limits[@]}" in/01.bmp >out.jsonl 2>err.txt; then
    contains err.txt "the worker program is missing"
fi
no_strays
