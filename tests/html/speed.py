#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""speed.py: how large an HTML report is, how long it takes to write, and how fast a browser shows and searches it. For
doc/benchmarks.md; the tests print the same once."""
import statistics
import subprocess
import tempfile
import time

import browser
import pages

ROUNDS = 5

# from the key to the picture: the last word is asked for when the row that it finds is in the page
SEARCH = """
const done = arguments[arguments.length - 1], field = document.getElementById('q'), words = arguments[0], took = [];
const next = () => {
    if (!words.length)
        return done(took);
    const began = performance.now();
    field.value = words.shift();
    field.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(() => setTimeout(() => { took.push(performance.now() - began); next(); }));
};
setTimeout(next, 1500);
"""
SORT = """
const done = arguments[arguments.length - 1], began = performance.now(), field = document.getElementById('sort');
field.value = arguments[0];
field.dispatchEvent(new Event('change'));
requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
"""


def measure(b):
    """Milliseconds, of the page that is open and ready."""
    paint = b.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready = b.run("return performance.getEntriesByName('ready')[0].startTime")
    words = ["f", "fr", "front", "cdn front", "000777", "webp detail", "scaled down", "no such", ""]
    return {"first paint": paint, "table ready": ready, "search": statistics.median(b.run_later(SEARCH, words)),
            "first sort": b.run_later(SORT, "-bytes")}


def write(records):
    """Seconds, bytes and peak memory in MB of writing a report."""
    began = time.monotonic()
    size = len(pages.made("html", [str(records)]))
    took = time.monotonic() - began
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); " \
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    peak = subprocess.run(["python3", "-c", code, pages.MAKE, "html", str(records)], check=True, capture_output=True, text=True).stdout
    return took, size, int(peak) / 1024


def main():
    for records in (1000, 10000, 100000, 1000000):
        took, size, peak = write(records)
        print(f"{records:>9,} records: {size / 1e6:.2f} MB, {took:.2f} s to make and write, peak memory {peak:.0f} MB", flush=True)
    if not browser.is_here():
        print("chromium and chromium-driver are not installed")
        return
    with tempfile.TemporaryDirectory() as work:
        path = pages.path_of(work, "large")
        rounds = []
        for _ in range(ROUNDS):
            with browser.Browser() as b:
                b.go("file://" + path)
                b.wait_for("document.documentElement.dataset.ready")
                rounds.append(measure(b))
        for name in rounds[0]:
            values = sorted(r[name] for r in rounds)
            print(f"100,000 records, {name}: median {statistics.median(values):.0f} ms ({values[0]:.0f} to {values[-1]:.0f})")


if __name__ == "__main__":
    main()
