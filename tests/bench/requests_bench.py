#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""requests_bench.py BENCH FOLDER: how fast request files are read, beside Python's json: a batch with photographs as base64, one of texts
alone, and one of URLs. MB sets the size of the first (1000; the others have a tenth), ROUNDS how often (5).

Python reads line by line with json.loads, once as bytes and once as text; imgweigh reads as an audit does, and besides checks all base64
and finds the pixel size of each image. Seconds are of processor time, the reading of the page cache included.
"""
import base64
import json
import os
import random
import re
import statistics
import subprocess
import sys

PYTHON = """
import json, resource, sys
mode = sys.argv[2]
with open(sys.argv[1], mode, **({} if mode == "rb" else {"encoding": "utf-8"})) as file:
    for line in file:
        json.loads(line)
usage = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(usage.ru_utime + usage.ru_stime, int(peak.split()[1]) / 1024)
"""
HEAD = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc00011080438078003012200021101031101ffda000c03010002110311003f00")
NOISE = random.Random(1).randbytes(1 << 20)


def line(number, content):
    return json.dumps({"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": {
        "model": "gpt-4o", "temperature": 0.2, "messages": [
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": content}], "max_tokens": 50}})


def photographs(number, dice):
    data = base64.b64encode(HEAD + NOISE[:dice.randrange(100_000, 900_000)]).decode()
    return line(number, [{"type": "text", "text": "What is shown?"},
                         {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + data, "detail": "high"}}])


def texts(number, dice):
    return line(number, f'Say in one sentence what the customer of order {number} wants: "My shirt arrived {dice.randrange(9)} days late."\n')


def urls(number, dice):
    return line(number, [{"type": "text", "text": "What is shown?"}] + [
        {"type": "image_url", "image_url": {"url": f"https://cdn.example/photos/{number}-{i}-{dice.randrange(999)}.jpg", "detail": "low"}}
        for i in range(4)])


def make(path, kind, size):
    dice, number, written = random.Random(2), 0, 0
    with open(path, "w", encoding="utf-8") as file:
        while written < size:
            written += file.write(kind(number, dice) + "\n")
            number += 1
    return written


def ours(bench, path):
    out = subprocess.run([bench, path], capture_output=True, text=True, check=True).stdout
    found = re.search(r"([\d.]+) s, .* peak ([\d.]+) MB", out)
    return float(found.group(1)), float(found.group(2)), out.strip()


def python(path, mode):
    out = subprocess.run([sys.executable, "-c", PYTHON, path, mode], capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), float(out[1])


def main():
    bench, folder = sys.argv[1:3]
    size, rounds = int(float(os.environ.get("MB", "1000")) * 1e6), int(os.environ.get("ROUNDS", "5"))
    print("| file | imgweigh MB/s (min-max) | peak MB | json.loads, bytes MB/s | text MB/s | peak MB | ratio to bytes | to text |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in photographs, texts, urls:
        path = f"{folder}/{kind.__name__}.jsonl"
        total = make(path, kind, size if kind is photographs else size // 10) / 1e6
        ours(bench, path)  # into the page cache
        seen = [(ours(bench, path), python(path, "rb"), python(path, "r")) for _ in range(rounds)]
        speeds = [[total / run[who][0] for run in seen] for who in range(3)]
        ratios = [statistics.median(a / b for a, b in zip(speeds[0], other)) for other in speeds[1:]]
        print(f"| {kind.__name__}, {total:.0f} MB | {statistics.median(speeds[0]):.0f} ({min(speeds[0]):.0f}-{max(speeds[0]):.0f})"
              f" | {max(run[0][1] for run in seen):.1f} | {statistics.median(speeds[1]):.0f} | {statistics.median(speeds[2]):.0f}"
              f" | {max(max(run[1][1], run[2][1]) for run in seen):.1f} | {ratios[0]:.1f} | {ratios[1]:.1f} |", flush=True)
        print(f"{seen[-1][0][2]}", file=sys.stderr)
        os.remove(path)


if __name__ == "__main__":
    main()
