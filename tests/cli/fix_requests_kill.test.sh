# kill -9 at any moment of a repair leaves the request file as it was, or repaired whole; the same for parts and --output.
. "$TOP/tests/cli/fix_lib.sh"
isolated
python3 "$TOP/tests/cli/request_files.py" make http://127.0.0.1:1
for n in 1 2 3 4 5 6; do cat many.json; echo; done >mine.jsonl
status 0 imgweigh fix -q -p openai --output want.jsonl mine.jsonl
cmp -s mine.jsonl want.jsonl && fail "there is nothing to be repaired"
python3 - "$IMGWEIGH" <<'PY' || fail "killed"
"""100 runs, each killed at a moment of a seeded choice, within 60 s."""
import os, random, signal, subprocess, sys, time
before, want = open("mine.jsonl", "rb").read(), open("want.jsonl", "rb").read()
chance, began, runs, cut, done = random.Random(5), time.monotonic(), 0, 0, 0

def start(*how):
    return subprocess.Popen([sys.argv[1], "fix", "-q", "-p", "openai", *how], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

t = time.monotonic()
start("--output", "first.jsonl", "mine.jsonl").wait()
length = time.monotonic() - t
while runs < 100 and time.monotonic() - began < 60:
    in_place = runs % 2 == 0
    name = "work.jsonl" if in_place else "made.jsonl"
    if in_place:
        open(name, "wb").write(before)
    elif os.path.exists(name):
        os.unlink(name)
    run = start("--in-place", name) if in_place else start("--output", name, "mine.jsonl")
    # every other time close to the end, where files get their names
    moment = chance.uniform(0, length * 1.1) if runs % 4 < 2 else chance.uniform(length * 0.9, length * 1.1)
    try:
        run.wait(moment)
    except subprocess.TimeoutExpired:
        cut += 1
    run.send_signal(signal.SIGKILL)
    run.wait()
    runs += 1
    now = open(name, "rb").read() if os.path.exists(name) else None
    assert now in ((before, want) if in_place else (None, want)), f"{name} is damaged: {now and len(now)} bytes"
    done += now == want
    left = [n for n in os.listdir(".") if n.startswith(".imgweigh-")]
    for one in left: # between two names: whole
        assert open(one, "rb").read() == want, f"{one} is damaged"
        os.unlink(one)
    assert open("mine.jsonl", "rb").read() == before
print(f"# {runs} runs, {cut} of them cut short, {done} files repaired")
assert cut > runs // 4 and done > 0
PY
no_strays
