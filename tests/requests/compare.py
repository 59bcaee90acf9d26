#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""compare.py CALLS FOLDER COUNT SEED: random request files, as tests/requests/calls reads them and as Python's json does.

Of each line and document: whether it is JSON; which strings are images, found by a walk of our own over Python's objects; that the span of
each is a string that says what its path names. A third of the texts are damaged at random.
"""
import json
import random
import subprocess
import sys

MEMBERS = {  # what a block needs, where its image stands; the first that fits
    "content": [
        ({"type": "image_url"}, ["image_url", "url"]), ({"type": "image_url"}, ["image_url"]),
        ({"type": "input_image"}, ["image_url"]), ({"type": "input_image"}, ["file_id"]),
        ({"type": "image_file"}, ["image_file", "file_id"]),
        ({"type": "image", "source.type": "base64"}, ["source", "data"]),
        ({"type": "image", "source.type": "url"}, ["source", "url"]),
        ({"type": "image", "source.type": "file"}, ["source", "file_id"]),
        ({}, ["image", "source", "bytes"]), ({}, ["image", "source", "s3Location", "uri"]),
        ({"type": "image", "source_type": "base64"}, ["data"]), ({"type": "image", "source_type": "url"}, ["url"]),
        ({"type": "image", "source_type": "id"}, ["id"]),
        ({"type": "image"}, ["base64"]), ({"type": "image"}, ["data"]), ({"type": "image"}, ["url"]),
        ({"type": "image"}, ["file_id"]), ({"type": "image"}, ["fileId"]), ({"type": "image"}, ["image"]),
    ],
    "part": [({"inlineData.mimeType": "image/png"}, ["inlineData", "data"]),
             ({"inline_data.mime_type": "image/png"}, ["inline_data", "data"]),
             ({"fileData.mimeType": "image/png"}, ["fileData", "fileUri"]),
             ({"file_data.mime_type": "image/png"}, ["file_data", "file_uri"])],
}
WORDS = ["type", "image_url", "url", "content", "messages", "image", "source", "data", "text", "detail", "role", "parts", "contents",
         "inlineData", "file_data", "file_uri", "output", "model", "custom_id", "body", "é", "k\n\"", ""]
URLS = ["https://a.example/i.png?x=1&y=é", "http://b.example/", "data:image/png;base64,iVBORw0KGgo=", "R0lGODlhAQABAIAAAA==",
        "gs://bucket/x", "", "data:,", "x" * 3000, "https://" + "u" * 2500, "a\\b/\"c\" 中😀"]


# ---- what Python finds ----

def at(value, path):
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value if isinstance(value, str) else None


def block(kind, value, path, found):
    if not isinstance(value, dict):
        return
    for needs, image in MEMBERS[kind]:
        if at(value, image) is not None and all(at(value, name.split(".")) == text for name, text in needs.items()):
            found[path + "".join("." + key for key in image)] = at(value, image)
            return


def elements(value, key, path):
    """The elements of an array that is a member, with their paths."""
    value = value.get(key) if isinstance(value, dict) else None
    for i, element in enumerate(value if isinstance(value, list) else []):
        yield element, f"{path}.{key}[{i}]"


def contents(message, path, found):
    for part, where in elements(message, "content", path):
        for inner, deeper in elements(part, "content", where):
            block("content", inner, deeper, found)
        if isinstance(part, dict):
            for inner, deeper in elements(part.get("source"), "content", where + ".source"):
                block("content", inner, deeper, found)
            for inner, deeper in elements(part.get("toolResult"), "content", where + ".toolResult"):
                block("content", inner, deeper, found)
        block("content", part, where, found)


def body(value, path, found):
    if not isinstance(value, dict):
        return
    for message, where in elements(value, "messages", path):
        contents(message, where, found)
        for image, at_image in elements(message, "images", where):
            if isinstance(image, str):
                found[at_image] = image
    for item, where in elements(value, "contents", path):
        for part, deeper in elements(item, "parts", where):
            block("part", part, deeper, found)


def images(document):
    """Path to text of all images of a document that is a chat or a batch of chats."""
    found = {}
    if isinstance(document, list):
        for i, message in enumerate(document):
            for part, where in elements(message, "content", f"$[{i}]"):
                for inner, deeper in elements(part, "content", where):
                    block("content", inner, deeper, found)
                block("content", part, where, found)
    else:
        body(document, "$", found)
        body(document.get("body"), "$.body", found)
    return found


def loads(text):
    def refuse(name):
        raise ValueError(name)
    return json.loads(text.decode("utf-8"), parse_constant=refuse, parse_int=len, parse_float=len)


# ---- random texts ----

class Writer:
    def __init__(self, seed, space):
        self.random = random.Random(seed)
        self.space = space
        self.has_parts = False

    def blank(self):
        return self.random.choice(self.space)

    def string(self, text):
        out = []
        style = self.random.random()
        for c in text:
            dice = self.random.random()
            if c in "\"\\" or ord(c) < 32:
                out.append(json.dumps(c)[1:-1])
            elif style < 0.3 and dice < 0.1:
                out.append("".join(f"\\u{unit:04x}" for unit in units(c)))
            elif c == "/" and style > 0.7:
                out.append("\\/")
            else:
                out.append(c)
        return '"' + "".join(out) + '"'

    def members(self, pairs):
        pairs = list(pairs)
        if self.random.random() < 0.5:
            self.random.shuffle(pairs)
        if pairs and self.random.random() < 0.1:  # one that comes twice
            pairs.insert(0, (self.random.choice(pairs)[0], self.noise(2)))
        return "{" + ",".join(f"{self.blank()}{self.string(k)}{self.blank()}:{self.blank()}{v}{self.blank()}" for k, v in pairs) + "}"

    def list(self, values):
        return "[" + ",".join(self.blank() + value + self.blank() for value in values) + "]"

    def noise(self, depth):
        kind = self.random.randrange(8 if depth else 5)
        if kind == 0:
            return self.random.choice(["true", "false", "null"])
        if kind == 1:
            return self.random.choice(["0", "-0", "1e5", "-12.50E-3", "10000000000000000000001", "7"])
        if kind < 5:
            return self.string(self.random.choice(URLS + WORDS))
        if kind == 5:
            return self.list(self.noise(depth - 1) for _ in range(self.random.randrange(4)))
        return self.members((self.random.choice(WORDS), self.noise(depth - 1)) for _ in range(self.random.randrange(4)))

    def nest(self, path, text, needs):
        """A block in which path is text and needs hold."""
        pairs = {path[0]: text if len(path) == 1 else self.nest(path[1:], text, {n.split(".", 1)[1]: t for n, t in needs.items()
                                                                                 if n.startswith(path[0] + ".")})}
        for name, value in needs.items():
            if "." not in name:
                pairs[name] = self.string(value)
        if self.random.random() < 0.4:
            pairs[self.random.choice(["detail", "media_type", "cache_control", "mimeType"])] = self.string("image/png")
        return self.members(pairs.items())

    def block(self, kind):
        dice = self.random.random()
        if dice < 0.2:
            return self.noise(3)
        needs, path = self.random.choice(MEMBERS[kind])
        text = self.string(self.random.choice(URLS)) if dice < 0.9 else self.noise(2)
        if dice > 0.8 and needs:
            needs = {name: "text" for name in needs}
        return self.nest(path, text, needs)

    def content(self):
        if self.random.random() < 0.2:
            return self.noise(2)
        blocks = [self.block("content") for _ in range(self.random.randrange(4))]
        if self.random.random() < 0.3:
            blocks.append(self.members([("type", self.string("tool_result")), ("content", self.list([self.block("content")]))]))
        return self.list(blocks)

    def body(self):
        pairs = [("model", self.string("m")), (self.random.choice(WORDS), self.noise(3))]
        if self.random.random() < 0.8:
            pairs.append(("messages", self.list(self.members([("role", self.string("user")), ("content", self.content())] + (
                [("images", self.list([self.string(self.random.choice(URLS))]))] if self.random.random() < 0.2 else []))
                for _ in range(self.random.randrange(3)))))
        if self.random.random() < 0.3:
            self.has_parts = True
            pairs.append(("contents", self.list(self.members([("parts", self.list(self.block("part") for _ in range(2)))])
                                                for _ in range(self.random.randrange(3)))))
        return self.members(pairs)

    def document(self):
        dice = self.random.random()
        if dice < 0.5:
            return self.members([("custom_id", self.string("c")), ("method", self.string("POST")), ("body", self.body())])
        return self.body() if dice < 0.9 else self.list([self.members([("content", self.content())])])

    def damaged(self, text):
        text = bytearray(text.encode())
        for _ in range(self.random.randrange(1, 4)):
            place = self.random.randrange(len(text))
            dice = self.random.random()
            if dice < 0.4:
                del text[place:place + self.random.randrange(1, 9)]
            else:
                text[place:place + (dice < 0.7)] = self.random.choice([b'"', b"\\", b",", b"{", b"]", b"\x01", b"\xc3", b"\xed\xa0\x80", b"0",
                                                                       b"\t", b"\\u12", b"e", b"\x7f", b"\r"])
            if not text:
                text = bytearray(b"x")
        return bytes(text)

    def text(self):
        self.has_parts = False
        text = self.document()
        # a part whose label is damaged is judged by more than its members
        return self.damaged(text) if self.random.random() < 0.4 and not self.has_parts else text.encode()


def units(c):
    data = c.encode("utf-16-be")
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]


# ---- both ----

class Reading:
    """What the program said of one file."""

    def __init__(self):
        self.calls, self.faults, self.error = {}, {}, None
        self.open = []

    def line(self, cells):
        if cells[0] == "image":
            self.open.append(cells[1:])
        elif cells[0] == "call":
            self.calls[int(cells[1])] = self.open
            assert len(self.open) == int(cells[2]), "images that are not listed"
            self.open = []
        elif cells[0] == "fault":
            self.faults.setdefault(int(cells[1]), []).append(cells[2:])
        else:
            self.error = cells[1:]


def read(program, names):
    readings = []
    for i in range(0, len(names), 200):
        out = subprocess.run([program, *names[i:i + 200]], capture_output=True, timeout=120)
        assert out.returncode == 0, out.stderr.decode()
        reading = Reading()
        for line in out.stdout.decode().split("\n")[:-1]:
            if line == "file":
                readings.append(reading)
                reading = Reading()
            else:
                reading.line(line.split("\t"))
    assert len(readings) == len(names)
    return readings


def compare_images(data, found, told):
    expected = dict(found)
    for offset, length, kind, chars, path, text in told:
        offset, length = int(offset), int(length)
        if path not in expected:
            return f"{path} is no image"
        wanted = expected.pop(path)
        written = json.loads(data[offset:offset + length])
        if written != wanted:
            return f"{path} is {wanted[:60]!r}, its span says {written[:60]!r}"
        if kind == "inline" and int(chars) != len(wanted.encode()):
            return f"{path} has {len(wanted.encode())} bytes, not {chars}"
        if kind != "inline" and bytes.fromhex(text).decode() != wanted:
            return f"{path} is {wanted[:60]!r}, not {bytes.fromhex(text)[:60]!r}"
    return f"not found: {list(expected)}" if expected else None


def judge(text, data, told, is_refused):
    """What is wrong with the reading of one line or document, or None. told: its images, None: no call."""
    try:
        document = loads(text)
    except ValueError as error:
        return None if is_refused and told is None else f"Python refuses it: {error}"
    found = images(document) if isinstance(document, (dict, list)) else {}
    if not isinstance(document, dict) and not found:
        return None if is_refused else "no object, and taken"
    if is_refused or told is None:
        return "refused, but Python reads it"
    return compare_images(data, found, told)


def main():
    program, folder, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    wrong, refused, total = [], 0, 0
    writer = Writer(seed, ["", "", "", " ", "\t"])
    lines = [b'{"custom_id":"a"}', b"{}"] + [writer.text() for _ in range(count)]
    data = b"\n".join(lines)
    with open(f"{folder}/lines.jsonl", "wb") as file:
        file.write(data)
    reading = read(program, [f"{folder}/lines.jsonl"])[0]
    if reading.error:
        wrong.append(f"lines.jsonl is refused: {reading.error}")
    for number, line in enumerate(lines, 1):
        why = None if not line.strip(b" \t\r") else judge(line, data, reading.calls.get(number), number in reading.faults)
        refused += number in reading.faults
        total += len(reading.calls.get(number) or [])
        if why:
            wrong.append(f"line {number}: {why}\n  {line[:2000]!r}")
    writer = Writer(seed + 1, ["", " ", "\n", "\r\n  "])
    texts = [writer.text() for _ in range(count // 4)]
    for i, text in enumerate(texts):
        with open(f"{folder}/{i}.json", "wb") as file:
            file.write(text)
    for i, reading in enumerate(read(program, [f"{folder}/{i}.json" for i in range(len(texts))])):
        is_refused = bool(reading.error or reading.faults)
        told = None if is_refused else next(iter(reading.calls.values()), None)
        why = judge(texts[i], texts[i], told, is_refused)
        refused += is_refused
        total += len(told or [])
        if why:
            wrong.append(f"document {i}: {why}\n  {texts[i][:2000]!r}")
    print("\n".join(wrong[:10]))
    print(f"{count} lines and {len(texts)} documents, {refused} of them refused, {total} images, {len(wrong)} read differently")
    sys.exit(1 if wrong or refused < count // 8 or total < count else 0)


if __name__ == "__main__":
    main()
