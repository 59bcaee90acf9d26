# kill -9 at 100 random moments of a repair: in place the request file is as it was or repaired whole; what --output names is what it was
# before, or whole; parts are whole or not there.
. "$TOP/tests/cli/fix_lib.sh"
isolated
python3 - "$TOP/tests/cli" <<'PY'
import json, sys
sys.path.insert(0, sys.argv[1])
import request_files as made
lines = [made.chat(f"k{n}", *[made.uri(made.png(2500 + 3 * n + i, 10)) for i in range(3)]) for n in range(4)]
open("mine.jsonl", "w").write("".join(json.dumps(line) + "\n" for line in lines))
PY
status 0 imgweigh fix -q -p openai --output want.jsonl mine.jsonl
cmp -s mine.jsonl want.jsonl && fail "there is nothing to be repaired"
half=$(($(wc -c <want.jsonl) * 5 / 8))
status 0 imgweigh fix -q -p openai --split $half --output parts.jsonl mine.jsonl
same "parts-1of2.jsonl parts-2of2.jsonl" "$(echo parts-*.jsonl)" parts
mkdir whole && mv parts-*.jsonl whole
python3 - "$IMGWEIGH" $half <<'PY' || fail "killed"
"""Runs until 100 were cut short, at moments of a seeded choice that follow the length of those that were not."""
import os, random, signal, subprocess, sys, time
KILLS, RUNS_MOST = 100, 500
before, want = open("mine.jsonl", "rb").read(), open("want.jsonl", "rb").read()
parts = {f"parts-{n}of2.jsonl": open(f"whole/parts-{n}of2.jsonl", "rb").read() for n in (1, 2)}
old = b"what stood there before\n"
# what is asked for, and of each file that it writes: what is there first, and what it may be afterwards
WAYS = [
    (["--in-place", "work.jsonl"], {"work.jsonl": (before, want)}),
    (["--output", "new.jsonl", "mine.jsonl"], {"new.jsonl": (None, want)}),
    (["--output", "old.jsonl", "mine.jsonl"], {"old.jsonl": (old, want)}),
    (["--split", sys.argv[2], "--output", "parts.jsonl", "mine.jsonl"], {name: (None, whole) for name, whole in parts.items()}),
]
chance, runs, cut, done = random.Random(5), 0, 0, 0

def read(name):
    return open(name, "rb").read() if os.path.exists(name) else None

def run(how, moment):
    """Whether it was cut, and how long it ran."""
    began = time.monotonic()
    of = subprocess.Popen([sys.argv[1], "fix", "-q", "-p", "openai", *how], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        of.wait(moment)
    except subprocess.TimeoutExpired:
        of.send_signal(signal.SIGKILL)
    return of.wait() == -signal.SIGKILL, time.monotonic() - began

length = sorted(run(WAYS[1][0], None)[1] for _ in range(3))[1]
while cut < KILLS and runs < RUNS_MOST:
    how, files = WAYS[runs % len(WAYS)]
    for name, (first, _) in files.items():
        if os.path.exists(name):
            os.unlink(name)
        if first is not None:
            open(name, "wb").write(first)
    # every other time close to the end, where files get their names
    is_close = runs // len(WAYS) % 2 == 1
    is_cut, took = run(how, chance.uniform(length * 0.85 if is_close else 0, length * 1.05))
    length = max(length, took) if is_cut else 0.8 * length + 0.2 * took
    runs += 1
    cut += is_cut
    for name, states in files.items():
        now = read(name)
        assert now in states, f"{name} is damaged: {now and len(now)} bytes"
        done += now == states[1]
    for one in [n for n in os.listdir(".") if n.startswith(".imgweigh-")]: # between two names: whole
        assert read(one) in (want, *parts.values()), f"{one} is damaged"
        os.unlink(one)
    assert read("mine.jsonl") == before
print(f"# {runs} runs of {length:.3f} s, {cut} of them killed, {done} files repaired")
assert cut == KILLS, f"{cut} killed in {runs} runs"
assert done > 0
PY
no_strays
