#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""Reports without a browser: their markup, their columns, what they leave out. TAP."""
import base64
import hashlib
import re
import resource
import tempfile

import pages

number = 0


def tell(is_well, name, why=""):
    global number
    number += 1
    print(f"{'ok' if is_well else 'not ok'} {number} - {name}", flush=True)
    if not is_well:
        print("".join(f"# {line}\n" for line in str(why).splitlines()[:20]), end="")


def check_markup(texts):
    try:
        import html5lib
    except ImportError:
        global number
        number += 1
        print(f"ok {number} # SKIP python3-html5lib is not installed")
        return
    wrong = []
    for name, text in texts.items():
        try:
            html5lib.HTMLParser(strict=True).parse(text)
        except html5lib.html5parser.ParseError as error:
            wrong.append(f"{name}: {error}")
    tell(not wrong, "HTML without an error", "\n".join(wrong))


def check_policy(text):
    """The digests of the policy are those of the only style and the only script."""
    style = re.findall(rb"<style>(.*?)</style>", text, re.S)
    script = re.findall(rb"<script>(.*?)</script>", text, re.S)
    allowed = re.findall(rb"'(sha256-[^']*)'", text)
    digests = [b"sha256-" + base64.b64encode(hashlib.sha256(part).digest()) for part in style + script]
    tell(len(style) == len(script) == 1 and digests == allowed, "the policy allows one style sheet and one script", f"{digests} {allowed}")
    remote = re.findall(rb"<(?:script|link|img|iframe|object|embed|source|video|audio)[^>]*\s(?:src|href)=\"(?!data:,)[^\"]*", text)
    tell(not remote and b" style=" not in text and not re.search(rb"<[^>]* on\w+=", text), "nothing is fetched, no code in attributes", remote)


def expected_rows(records, names):
    """Of each column those values that a record of JSON Lines tells."""
    for record in records:
        source = record["source"]
        yield {
            "url": record["url"], "path": source["path"], "kind": source["kind"], "line": source["line"] or 0, "column": source["column"] or 0,
            "element": source["element"] or "", "verdict": names["verdicts"].index(record["verdict"]),
            "bytes": 0 if record["bytes"] is None else record["bytes"] + 1, "bytes_from": record["bytes_from"] or "",
            "width": record["width"] or 0, "height": record["height"] or 0, "status": record["status"] or 0,
            "content_type": record["content_type"] or "", "requests": record["requests"], "bytes_read": record["bytes_read"],
            "ms": int(record["ms"]), "error": record["error"] or "", "findings": len(record["findings"]),
        }


def check_columns(text):
    meta, columns = pages.read(text)
    records = pages.records(*pages.PAGES["compared"])
    wrong = []
    for at, row in enumerate(expected_rows(records, meta)):
        wrong += [f"row {at}, {name}: {columns[name][at]!r} is not {value!r}" for name, value in row.items() if columns[name][at] != value]
    findings = [finding for record in records for finding in record["findings"]]
    seen = [(meta["rules"][rule], meta["severities"][severity], profile or None, message) for rule, severity, profile, message in
            zip(columns["rule"], columns["severity"], columns["profile"], columns["message"])]
    if seen != [(f["rule"], f["severity"], f["profile"], f["message"]) for f in findings]:
        wrong.append("findings differ")
    tell(len(columns["url"]) == len(records) == meta["rows"] and not wrong, f"the table holds what {len(records)} records hold", "\n".join(wrong))


def check_left_out():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    text = pages.made("html", ["250000"])
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    meta, columns = pages.read(text)
    fits = sum(1 for verdict in columns["verdict"] if meta["verdicts"][verdict] == "ok")
    left = re.search(rb"it leaves ([0-9,]+) images out", text)
    is_counted = left and int(left.group(1).replace(b",", b"")) == meta["records"] - meta["rows"]
    tell(fits == 100000 and len(columns["url"]) == meta["rows"] and is_counted and peak < 200 << 10,
         f"of 250,000 images the table holds {meta['rows']:,}, in {peak / 1024:.0f} MB", f"{fits} fit, {left}, {peak} kB")


def text_of(folder, name):
    with open(pages.path_of(folder, name), "rb") as file:
        return file.read()


print("1..5")
with tempfile.TemporaryDirectory() as work:
    everything = {name: text_of(work, name) for name in ("plain", "compared", "hostile", "harm", "empty", "one")}
check_markup(everything)
check_policy(everything["hostile"])
check_columns(everything["compared"])
check_left_out()
