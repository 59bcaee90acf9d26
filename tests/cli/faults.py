# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""A table of faults (lies.tsv and the like) to a list of URLs, and the records back to what is wrong with them.

faults.py list TABLE PORT SCHEME SPEED   URLs: each fault on a host of its own, once before its neighbours and once between them
faults.py resolve TABLE PORT             a --resolve for each of these hosts
faults.py check TABLE RECORDS...         what is wrong, a line each

SPEED is quick: rows that wait for no time-out, or slow: the others. So the quick ones can have patience, and a busy machine
is not taken for a fault. Neighbours are honest: each has a size of its own, so that the answer to another would show.
"""
import collections
import json
import os
import sys
import urllib.parse

Row = collections.namedtuple("Row", "path verdict rules bytes bytes_from width requests read ms")
NEIGHBOURS = 3
QUICK_MS = 10000


def rows(table):
    for line in open(table):
        if line.strip() and not line.startswith("#"):
            yield Row(*line.rstrip("\n").split("\t"))


def is_quick(row):
    return row.ms == "-"


def neighbour(n, k):
    return f"/ok/31x17.{3000 + 10 * n + k}.png"


def host(n, order):
    return f"f{n}{order}.faults.test"


def paths(n, row):
    """Both orders: (order, paths)."""
    near = [neighbour(n, k) for k in range(NEIGHBOURS)]
    yield "a", [row.path] + near
    yield "b", near[:2] + [row.path] + near[2:]


def show(value):
    return "null" if value is None else str(value)


def findings(record):
    return ",".join(f["rule"] for f in record["findings"]) or "-"


def check_fault(row, record):
    found = [record["verdict"], findings(record)] + [show(record[k]) for k in ("bytes", "bytes_from", "width")]
    wanted = [row.verdict, row.rules, row.bytes, row.bytes_from, row.width]
    if found != wanted:
        yield f"{row.path}: expected {' '.join(wanted)}, found {' '.join(found)} ({record['error']})"
    if bool(record["error"]) != (row.verdict in ("broken", "unknown")):
        yield f"{row.path}: {row.verdict} with the error {record['error']}"
    most_ms = QUICK_MS if is_quick(row) else row.ms
    for key, most in (("requests", row.requests), ("bytes_read", row.read), ("ms", most_ms)):
        if record[key] > int(most) * (10 if key == "ms" and os.environ.get("IW_WRAP") else 1):
            yield f"{row.path}: {key} {record[key]} instead of at most {most}"


def check(table, files):
    by_url = collections.defaultdict(list)
    for name in files:
        for line in open(name):
            record = json.loads(line)
            parts = urllib.parse.urlsplit(record["url"])
            by_url[parts.hostname + parts.path + ("?" + parts.query if parts.query else "")].append(record)
    for n, row in enumerate(rows(table)):
        for order, expected in paths(n, row):
            for path in expected:
                got = by_url.pop(host(n, order) + path, [])
                if len(got) != 1:
                    yield f"{host(n, order)}{path}: {len(got)} records"
                elif path != row.path:
                    size = path.split(".")[1]
                    is_left = row.rules == "rate-limited" and findings(got[0]) == "rate-limited"
                    if not is_left and (got[0]["verdict"], show(got[0]["bytes"])) != ("ok", size):
                        yield f"{row.path}: its neighbour ({order}) of {size} bytes: {got[0]['verdict']} {show(got[0]['bytes'])} {got[0]['error']}"
                elif order == "a":
                    yield from check_fault(row, got[0])
                elif got[0]["verdict"] != row.verdict or show(got[0]["bytes"]) not in (row.bytes, "null"):
                    yield f"{row.path}: between neighbours {got[0]['verdict']} {show(got[0]['bytes'])} instead of {row.verdict} {row.bytes}"
    yield from (f"{url}: not asked for" for url in by_url)


def main():
    command, table = sys.argv[1:3]
    if command == "check":
        wrong = list(check(table, sys.argv[3:]))
        print("\n".join(wrong))
        return bool(wrong)
    port = sys.argv[3]
    for n, row in enumerate(rows(table)):
        for order, urls in paths(n, row):
            if command == "resolve":
                print(f"--resolve={host(n, order)}:{port}:127.0.0.1")
            elif is_quick(row) == (sys.argv[5] == "quick"):
                print("\n".join(f"{sys.argv[4]}://{host(n, order)}:{port}{path}" for path in urls))
    return 0


sys.exit(main())
