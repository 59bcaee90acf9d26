# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""The two ends of header-cost.sh: URLs of a corpus, a host each; and the table of what each format cost."""
import collections
import json
import math
import sys
import urllib.parse


def urls(truth, port):
    with open(truth, encoding="utf-8") as rows:
        names = [row.split("\t")[0] for row in rows][1:]
    for n, name in enumerate(name for name in names if name.strip()):
        print(f"http://127.1.{n // 250}.{n % 250 + 1}:{port}/{urllib.parse.quote(name)}")


def spread(values):
    values = sorted(values)
    p95 = values[math.ceil(0.95 * len(values)) - 1]
    return f"{sum(values) / len(values):,.2f} | {p95:,} | {values[-1]:,}"


def table(records, log):
    heads, gets, sent = collections.Counter(), collections.Counter(), collections.Counter()
    with open(log, encoding="ascii") as lines:
        for line in lines:
            host, method, _, size = line.split()
            heads[host] += method == "HEAD"
            gets[host] += method == "GET"
            sent[host] += int(size)
    formats = collections.defaultdict(list)
    without, strange = [], []
    with open(records, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("record", "image") != "image" or not record.get("url"):
                continue
            host = urllib.parse.urlsplit(record["url"]).hostname
            if heads[host] != 1 or record["requests"] != heads[host] + gets[host]:
                strange.append(record["url"])
            if record["width"] and record["format"]:
                formats[record["format"]].append(host)
            else:
                without.append(host)
    print("| format | files | requests: mean | p95 | most | bytes: mean | p95 | most |")
    print("|---|---|---|---|---|---|---|---|")
    for name, hosts in sorted(formats.items(), key=lambda item: -len(item[1])):
        print(f"| {name} | {len(hosts)} | {spread([gets[h] for h in hosts])} | {spread([sent[h] for h in hosts])} |")
    print(f"without a size: {len(without)}, {sum(gets[h] for h in without)} requests, {sum(sent[h] for h in without):,} bytes")
    print(f"not asked about by exactly one HEAD, or counted otherwise than by nginx: {len(strange)} {' '.join(strange[:3])}")


{"urls": urls, "table": table}[sys.argv[1]](*sys.argv[2:])
