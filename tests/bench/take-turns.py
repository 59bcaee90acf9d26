#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""take-turns.py ROUNDS NAME=COMMAND... -- IMAGE...: starts peers that answer a path a line with tab-separated figures (see
bench_pixels.c), lets them take turns, image by image and round by round, and prints medians. The last columns say how
many times as fast as each peer the first one is: medians of the ratios of each round."""
import os
import statistics
import subprocess
import sys

rounds, split = int(sys.argv[1]), sys.argv.index("--")
peers = [argument.split("=", 1) for argument in sys.argv[2:split]]
processes = {name: subprocess.Popen(["bash", "-c", "exec " + command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
             for name, command in peers}
first = peers[0][0]
print(f"{'':24}{'':22}{'wall ms':>9}{'CPU ms':>9}{'bytes':>10}{'peak MB':>9}   {first} to it: wall, CPU")
for path in sys.argv[split + 1:]:
    seen, failures = {name: [] for name, _ in peers}, {}
    for number in range(rounds + 1):
        for name, process in processes.items():
            if name in failures:
                continue
            print(path, file=process.stdin, flush=True)
            fields = process.stdout.readline().rstrip("\n").split("\t")
            if len(fields) < 3:
                failures[name] = fields[0]
            elif number:  # the first round warms up
                seen[name].append((float(fields[0]), float(fields[1]), int(fields[2]), float(fields[6])))
    for name, _ in peers:
        label = f"{os.path.basename(path) if name == first else '':24}{name:22}"
        if name in failures:
            print(f"{label}{failures[name] or 'ended'}")
            continue
        if not rounds:
            continue  # only the results are wanted
        wall, cpu, size, peak = (statistics.median(values) for values in zip(*seen[name]))
        line = f"{label}{wall:9.1f}{cpu:9.1f}{size:10.0f}{peak:9.1f}"
        if name != first and first not in failures:
            line += "".join(f"{statistics.median(b[k] / a[k] for a, b in zip(seen[first], seen[name])):10.2f}" for k in (0, 1))
        print(line, flush=True)
