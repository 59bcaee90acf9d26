#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""judge.py LIST RECORDS SAMPLES: whether every URL has one verdict and its own length, and whether memory and descriptors grew."""
import collections
import json
import sys

GROWTH_KIB, GROWTH_FDS = 8192, 32
UNDECIDED_PER_100000 = 200  # after the retries


def judge_records(urls, records):
    wrong, verdicts, requests = [], collections.Counter(), 0
    seen = bytearray(urls)
    for line in records:
        record = json.loads(line)
        path, _, n = record["url"].rpartition("/")[2].partition("?")
        seen[int(n)] = min(seen[int(n)] + 1, 255)
        verdicts[record["verdict"]] += 1
        requests += record["requests"]
        if record["verdict"] not in ("ok", "unknown"):
            wrong.append(f"{record['url']}: {record['verdict']} {record['error']}")
        elif record["bytes"] is not None and record["bytes"] != int(path.split(".")[0]):
            wrong.append(f"{record['url']}: {record['bytes']} bytes")
    missing, twice = seen.count(0), urls - seen.count(0) - seen.count(1)
    print(f"{urls:,} URLs, {requests:,} requests: " + ", ".join(f"{n:,} {v}" for v, n in verdicts.most_common()))
    if missing or twice:
        wrong.append(f"{missing} URLs without a record, {twice} with several")
    if verdicts["unknown"] * 100000 > urls * UNDECIDED_PER_100000:
        wrong.append(f"{verdicts['unknown']} undecided")
    return wrong


def judge_samples(lines):
    """The first fifth is the way up; of the rest the most of the last quarter is compared with the most of the first."""
    rows = [tuple(float(x) for x in line.split()) for line in lines]
    print("| s | resident MB | descriptors |\n|---|---|---|")
    for i in range(0, len(rows), max(1, len(rows) // 10)):
        print(f"| {rows[i][0]:.0f} | {rows[i][1] / 1024:.1f} | {rows[i][2]:.0f} |")
    steady = rows[len(rows) // 5:]
    quarter = len(steady) // 4
    if quarter < 2:
        print("too short to judge growth")
        return []
    wrong = []
    for column, most, what in ((1, GROWTH_KIB, "KiB of memory"), (2, GROWTH_FDS, "descriptors")):
        growth = max(r[column] for r in steady[-quarter:]) - max(r[column] for r in steady[:quarter])
        print(f"from the first to the last quarter of the steady part: {growth:+.0f} {what}")
        if growth > most:
            wrong.append(f"{growth:.0f} more {what}")
    return wrong


def main():
    urls = sum(1 for _ in open(sys.argv[1]))
    wrong = judge_records(urls, open(sys.argv[2])) + judge_samples(open(sys.argv[3]))
    for line in wrong[:20]:
        print("not ok:", line)
    print("not ok" if wrong else "ok")
    return bool(wrong)


sys.exit(main())
