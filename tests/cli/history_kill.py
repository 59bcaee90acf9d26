# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""history_kill.py KILLS IMGWEIGH ORIGIN LOG: kills runs that record a history at moments of a seeded generator, and resumes each
until it ends. Nothing that was reported is missing, nothing that was known is asked again, and the database is whole."""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time

URLS, AT_ONCE, ROUNDS_MAX, COMPLETE = 24, 4, 60, 1


def requests_of(log):
    with open(log, encoding="utf-8") as file:
        return len(file.readlines())


def urls_of(path):
    """Of a report that may end within a line."""
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")[:-1]
    return [json.loads(line)["url"] for line in lines if not line.startswith(b'{"incomplete')]


def read_database():
    """What a copy of it holds, since whoever opens it mends it: the URLs that were seen, and the state of the last run."""
    for name in ("c.db", "c.db-wal", "c.db-journal"):
        if os.path.exists(name):
            os.remove(name)
    for tail in ("", "-wal", "-journal"):
        if os.path.exists("h.db" + tail):
            shutil.copy("h.db" + tail, "c.db" + tail)
    db = sqlite3.connect("c.db")
    found = db.execute("PRAGMA integrity_check").fetchone()[0]
    assert found == "ok", f"integrity_check: {found}"
    seen, state = set(), None
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'run'").fetchone():  # else it was killed before
        seen = {host + rest for host, rest in db.execute("SELECT host.text, url.rest FROM url JOIN host ON host.id = url.host")}
        state = db.execute("SELECT state FROM run ORDER BY id DESC LIMIT 1").fetchone()
    db.close()
    return seen, state and state[0]


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


def one_run(imgweigh, log, listed, dice, left, counts):
    """Until it ends; how many times it was killed."""
    for name in ("h.db", "h.db-wal", "h.db-journal"):
        if os.path.exists(name):
            os.remove(name)
    kills, state, told, begun = 0, None, set(), requests_of(log)
    command = [imgweigh, "--history=h.db", "-q", "-f", "jsonl", "--host-concurrency", str(AT_ONCE), "-p", "none", "--max-bytes", "5MB",
               "--method", "range", "list.txt"]  # an answer to HEAD is held for a while, until it is known whose it is
    for _ in range(ROUNDS_MAX):
        moment = dice.random() * 0.12 if kills < left else 60
        status = one_round(command + (["--resume"] if state is not None else []), moment, "out.jsonl")
        reported = urls_of("out.jsonl")
        known, state = read_database()
        missing = set(reported) - known
        assert not missing, f"reported, and not recorded: {sorted(missing)[:3]}"
        assert told <= known, "what was recorded is gone"
        asked, begun = requests_of(log) - begun, requests_of(log)
        lost = asked - len(known - told)
        # what was in flight; and, seldom, what was answered in the very moment
        assert lost <= AT_ONCE * 2, f"{lost} answers were lost, with {AT_ONCE} requests in flight"
        counts["lost"] += lost
        told = known
        if status is None:
            kills += 1
            if state == COMPLETE:
                return kills
            continue
        assert status == 0, f"exit status {status}: {open('err.txt', encoding='utf-8').read()}"
        assert sorted(reported) == sorted(listed), f"the run that ended told {len(reported)} of {len(listed)}"
        return kills
    raise AssertionError("it does not come to its end")


def main():
    kills, imgweigh, origin, log = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    listed = [f"{origin}/slow/20/10x10.{i}.png" for i in range(10, 10 + URLS)]
    with open("list.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(listed) + "\n")
    dice, done, began, counts = random.Random(7), 0, time.monotonic(), {"lost": 0}
    while done < kills:
        assert time.monotonic() - began < 300, "it takes too long"
        try:
            done += one_run(imgweigh, log, listed, dice, min(kills - done, 8), counts)
        except AssertionError as wrong:
            print(f"after {done} kills: {wrong}")
            return 1
    print(f"{done} kills, {counts['lost']} answers were lost")
    return int(counts["lost"] > done * AT_ONCE)


sys.exit(main())
