# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""HTML reports of made up images, and their columns, read as src/report/html_rows.c says."""
import base64
import json
import os
import re
import subprocess
import zlib

BUILD = os.environ["BUILD"]
MAKE = os.path.join(BUILD, "tests/html/make_report")
PAGES = {"plain": ["3000"], "compared": ["3000", "compared"], "hostile": ["60", "compared", "hostile"], "empty": ["0"], "one": ["1"],
         "large": ["100000"], "harm": ["1000", "hostile"]}
FEED = {"harm"}  # made by tests/report/feed, which knows more that a format could trip over


def made(kind, arguments, program=MAKE):
    return subprocess.run([program, kind, *arguments], check=True, capture_output=True).stdout


def records(*arguments):
    return [json.loads(line) for line in made("jsonl", arguments).splitlines()]


def path_of(folder, name):
    """The file of a page, made when it is not there yet."""
    path = os.path.join(folder, name + ".html")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(made("html", PAGES[name], os.path.join(BUILD, "tests/report/feed") if name in FEED else MAKE))
    return path

TEXT, NUMBER, STEP = range(3)
RECORD = 0


def island(page, name):
    return re.search(rf'<script type="[^"]*" id="{name}">(.*?)</script>'.encode(), page, re.S).group(1)


class Reader:
    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.raw[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def texts(self, numbers, end):
        length = self.number()
        rest = self.raw[self.at:self.at + length].decode("utf-8").split("\n")
        self.at += length
        last, texts = "", []
        for shared, more in zip(numbers, rest):
            last = last[:shared] + more
            texts.append(last)
        return texts

    def column(self, kind):
        end = self.number() + self.at
        numbers = []
        while self.at < end:
            numbers.append(self.number())
        if kind == TEXT:
            return self.texts(numbers, end)
        if kind == STEP:
            before = 0
            for i, step in enumerate(numbers):
                before += -(step + 1) // 2 if step % 2 else step // 2
                numbers[i] = before
        return numbers


def read(page):
    """What the script is told, and the columns by name."""
    meta = json.loads(island(page, "meta"))
    reader = Reader(zlib.decompress(base64.b64decode(island(page, "rows"), validate=True)))
    columns = {name: [] for name, _, _ in meta["columns"]}
    while reader.at < len(reader.raw):
        rows, findings = reader.number(), 0
        for name, kind, per in meta["columns"]:
            cells = reader.column(kind)
            assert len(cells) == (rows if per == RECORD else findings), name
            findings = sum(cells) if name == "findings" else findings
            columns[name] += cells
    return meta, columns
