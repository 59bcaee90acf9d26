#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""measure.py ROUNDS URLS NAME=COMMAND...: runs the commands in turn, round after round, and prints medians and ratios. With
ACCEPTED, the URL of nginx's stub_status, also the connections that were made, and the CPU of each."""
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request


def accepted():
    if "ACCEPTED" not in os.environ:
        return 0
    with urllib.request.urlopen(os.environ["ACCEPTED"]) as status:
        return int(re.search(rb"\n (\d+) ", status.read()).group(1))


def run(command):
    before = accepted()
    start = time.monotonic()
    process = subprocess.Popen(["bash", "-c", "exec env " + command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    connections = accepted() - before - 1 if before else 0  # one was to ask for their number
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), connections


rounds, urls = int(sys.argv[1]), int(sys.argv[2])
commands = [argument.split("=", 1) for argument in sys.argv[3:]]
seen = {name: [] for name, _ in commands}
for number in range(rounds + 1):
    for name, command in commands:
        result = run(command)
        if number:  # the first round warms up
            seen[name].append(result)
first = commands[0][0]
print(f"{'':22}{'wall s (min-max)':>24}{'URLs/s':>10}{'CPU us/URL':>12}{'peak MB':>9}{'wall of ' + first + ' to it':>26}" +
      ("   connections, CPU ms each" if "ACCEPTED" in os.environ else ""))
for name, _ in commands:
    walls = [r[0] for r in seen[name]]
    wall, cpu = statistics.median(walls), statistics.median(r[1] for r in seen[name])
    peak = statistics.median(r[2] for r in seen[name])
    ratios = [a[0] / b[0] for a, b in zip(seen[first], seen[name])]
    print(f"{name:22}{wall:9.2f} ({min(walls):.2f}-{max(walls):.2f})".ljust(46) +
          f"{urls / wall:10.0f}{cpu / urls * 1e6:12.1f}{peak:9.0f}{statistics.median(ratios):26.2f}" +
          (f"{statistics.median(r[4] for r in seen[name]):14.0f}{statistics.median(r[1] / max(r[4], 1) for r in seen[name]) * 1e3:14.2f}"
           if "ACCEPTED" in os.environ else ""))
    bad = {r[3] for r in seen[name]} - {0, 1}
    if bad:
        print(f"  exit statuses {sorted(bad)}")
