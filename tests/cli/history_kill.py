# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""history_kill.py KILLS IMGWEIGH ORIGIN LOG: kills runs that record a history at moments of a seeded generator, and resumes each
until it ends. Nothing that was reported is missing, no more is asked for again than was allowed to be in flight, and the database is
whole."""
import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request

URLS, ROUNDS_MAX, COMPLETE = 24, 60, 1
# how it is asked, how many at once of each host and in all, how many hosts, and whether an earlier run knows the images
KINDS = [
    (["--method", "range"], 4, 128, 1, False),
    ([], 4, 128, 1, False),  # answers to HEAD wait until it is known whose they are, or prove themselves
    (["--method", "head"], 4, 128, 1, False),
    ([], 4, 128, 1, True),
    (["--max-side", "9000"], 4, 128, 1, True),
    (["--max-side", "9000"], 3, 5, 3, False),  # several lanes, which keep to -j together
]


def paths_of(origin, log):
    """What was asked for, in order. The server reads what was sent before it reads what is sent now."""
    urllib.request.urlopen(f"{origin}/now.png").close()
    with open(log, encoding="utf-8") as file:
        return [path for path in (line.split("\t")[4] for line in file) if path != "/now.png"]


def urls_of(path):
    """Of a report that may end within a line."""
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")[:-1]
    return [json.loads(line)["url"] for line in lines if not line.startswith(b'{"incomplete')]


def read_database():
    """What a copy of it holds, since whoever opens it mends it: the URLs that the last run saw, and its state."""
    for name in ("c.db", "c.db-wal", "c.db-journal"):
        if os.path.exists(name):
            os.remove(name)
    for tail in ("", "-wal", "-journal"):
        if os.path.exists("h.db" + tail):
            shutil.copy("h.db" + tail, "c.db" + tail)
    db = sqlite3.connect("c.db")
    found = db.execute("PRAGMA integrity_check").fetchone()[0]
    assert found == "ok", f"integrity_check: {found}"
    seen, run = set(), None
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'run'").fetchone():  # else it was killed before
        run = db.execute("SELECT id, state FROM run ORDER BY id DESC LIMIT 1").fetchone()
    if run:
        texts = dict(db.execute("SELECT url.id, host.text || url.rest FROM url JOIN host ON host.id = url.host"))
        for chunk, bits in db.execute("SELECT chunk, bits FROM seen WHERE run = ? AND kind = 1", (run[0],)):
            seen |= {texts[chunk * len(bits) * 8 + i] for i in range(len(bits) * 8) if bits[i // 8] >> i % 8 & 1}
    db.close()
    return seen, run


def one_round(command, moment, out):
    """A run that is killed after so long, or ends before; its status, None when it was killed."""
    with open(out, "wb") as file, open("err.txt", "wb") as err:
        child = subprocess.Popen(command, stdout=file, stderr=err)
        try:
            return child.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None


def one_run(imgweigh, origins, log, dice, left, counts, kind):
    """Until it ends; how many times it was killed."""
    how, each, in_all, hosts, is_known = kind
    for name in ("h.db", "h.db-wal", "h.db-journal"):
        if os.path.exists(name):
            os.remove(name)
    listed = [f"{origins[i % hosts]}/slow/20/10x10.{i}.png" for i in range(5010, 5010 + URLS)]
    with open("list.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(listed) + "\n")
    command = [imgweigh, "--history=h.db", "-q", "-f", "jsonl", "--host-concurrency", str(each), "-j", str(in_all), "-p", "none",
               "--max-bytes", "5MB", *how, "list.txt"]
    if is_known:
        status = one_round(command, 60, "out.jsonl")
        assert status == 0, f"the first run: {status}: {open('err.txt').read()}"
    first = read_database()[1] if is_known else None  # a run that has ended
    kills, run, told, begun = 0, None, set(), len(paths_of(origins[0], log))
    for _ in range(ROUNDS_MAX):
        moment = dice.random() * 0.12 if kills < left else 60
        status = one_round(command + (["--resume"] if run is not None else []), moment, "out.jsonl")
        reported = urls_of("out.jsonl")
        known, run = read_database()
        if run == first:
            known, run = set(), None  # it was killed before it began
        missing = set(reported) - known
        assert not missing, f"reported, and not recorded: {sorted(missing)[:3]}"
        assert told <= known, "what was recorded is gone"
        paths = paths_of(origins[0], log)
        asked, begun = collections.Counter(paths[begun:]), len(paths)
        recorded = {url.split("/", 3)[3] for url in known - told}
        lost = [path for path in asked if path.lstrip("/") not in recorded]
        again = [path for path in asked if path.lstrip("/") in {url.split("/", 3)[3] for url in told}]
        assert not again, f"asked for again, though recorded: {again}"
        most = min(each * hosts, in_all)
        assert len(lost) <= most, f"{how}: {len(lost)} images were asked for and not recorded, and {most} may be at once"
        counts["lost"] += len(lost)
        counts["most"] = max(counts["most"], len(lost))
        told = known
        if status is None:
            kills += 1
            if run and run[1] == COMPLETE:
                return kills
            continue
        assert status == 0, f"exit status {status}: {open('err.txt', encoding='utf-8').read()}"
        assert sorted(reported) == sorted(listed), f"the run that ended told {len(reported)} of {len(listed)}"
        return kills
    raise AssertionError("it does not come to its end")


def main():
    kills, imgweigh, port, log = int(sys.argv[1]), sys.argv[2], sys.argv[3].rsplit(":", 1)[1], sys.argv[4]
    origins = [f"http://127.0.0.{i}:{port}" for i in (1, 2, 3)]
    dice, done, began, counts, runs = random.Random(7), 0, time.monotonic(), {"lost": 0, "most": 0}, 0
    while done < kills:
        assert time.monotonic() - began < 300, "it takes too long"
        try:
            done += one_run(imgweigh, origins, log, dice, min(kills - done, 8), counts, KINDS[runs % len(KINDS)])
        except AssertionError as wrong:
            print(f"after {done} kills: {wrong}")
            return 1
        runs += 1
    print(f"{done} kills, {counts['lost']} images were on their way, at most {counts['most']} at once")
    return 0


sys.exit(main())
