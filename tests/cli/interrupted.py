# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""interrupted.py LIST LOG COMMAND...: runs a command that reports to standard output and o.jsonl, o.csv, o.txt; interrupts it at
moments of a seeded generator once its first request is in the server's LOG; and says what is wrong with what it leaves."""
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time

MOMENTS = 12
FILES = ("o.jsonl", "o.csv", "o.txt")


def wait_for_growth(path, size):
    until = time.monotonic() + 20
    while os.path.getsize(path) <= size and time.monotonic() < until:
        time.sleep(0.002)


def run(command, log, moment):
    for name in FILES:
        if os.path.exists(name):
            os.remove(name)
    with open("stdout.jsonl", "wb") as out, open("err.txt", "wb") as err:
        size = os.path.getsize(log)
        child = subprocess.Popen(command, stdout=out, stderr=err)
        wait_for_growth(log, size)
        child.send_signal(signal.SIGUSR1)
        time.sleep(moment)
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        return child.wait(timeout=60), time.monotonic() - began


def urls_of_jsonl(name, is_whole, known):
    with open(name, encoding="utf-8", newline="") as file:
        text = file.read()
    assert text.endswith("\n"), f"{name} ends within a line"
    rows = [json.loads(line) for line in text.splitlines()]
    if not is_whole:
        last = rows.pop()
        assert last == {"incomplete": True, "why": last["why"]} and last["why"], f"{name}: not marked: {last}"
    urls = [row["url"] for row in rows]
    assert len(set(urls)) == len(urls), f"{name}: a URL has two records"
    assert set(urls) <= known, f"{name}: a URL that was not in the list"
    return urls


def urls_of_csv(name, is_whole):
    with open(name, encoding="utf-8", newline="") as file:
        text = file.read()
    assert text.endswith("\r\n"), f"{name} ends within a row"
    header, *rows = list(csv.reader(text.splitlines(), strict=True))
    assert all(len(row) == len(header) for row in rows), f"{name}: rows of different lengths"
    if not is_whole:
        last = dict(zip(header, rows.pop()))
        assert last["verdict"] == "incomplete" and last["error"] and not last["url"], f"{name}: not marked: {last}"
    return [dict(zip(header, row))["url"] for row in rows]


def check(status, seconds, known):
    assert status in (0, 3), f"exit status {status}"
    assert seconds < 20, f"took {seconds:.1f} s to end"
    is_whole = status == 0
    told = urls_of_jsonl("stdout.jsonl", is_whole, known)
    assert urls_of_jsonl("o.jsonl", is_whole, known) == told, "o.jsonl differs from standard output"
    assert urls_of_csv("o.csv", is_whole) == told, "o.csv differs from o.jsonl"
    with open("o.txt", encoding="utf-8") as file:
        text = file.read()
    assert is_whole or text.count("INCOMPLETE: ") == 2, "o.txt is not marked at both its ends"
    assert f"\n{len(told):,} image" in "\n" + text, "o.txt has another number of images"
    assert not is_whole or set(told) == known, "records are missing from a whole run"
    assert not [name for name in os.listdir() if ".tmp-" in name], "a temporary file is left"
    with open("err.txt", encoding="utf-8") as file:
        assert "/s" in file.read(), "no status line after SIGUSR1"
    return len(told), is_whole


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        known = set(file.read().split())
    dice = random.Random(11)
    partial = 0
    for n in range(MOMENTS):
        moment = dice.random() * 0.05 if n % 3 == 0 else dice.random() * 0.7
        try:
            count, is_whole = check(*run(sys.argv[3:], sys.argv[2], moment), known)
        except (AssertionError, ValueError, csv.Error) as wrong:
            print(f"interrupted after {moment:.3f} s: {wrong}")
            return 1
        partial += not is_whole and count < len(known)
    if partial < MOMENTS // 2:
        print(f"only {partial} of {MOMENTS} runs were interrupted before their end")
        return 1
    return 0


sys.exit(main())
