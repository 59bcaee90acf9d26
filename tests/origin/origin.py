#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""A server that lies, by script: raw sockets, so that it can say what no well-behaved server would.

origin.py [--log FILE] [--files DIR] [--max-seconds N] prints PORT=N and serves on 127.0.0.1 until its standard input closes.
Paths are /NAME/..., NAME a function of the table LIES below; the last part of the path carries the truth:
WxH.SIZE.EXT, as in /head405/640x480.5000.png, a PNG of 640x480 pixels in 5000 bytes.

With --files there are whole images, too: /file/NAME serves DIR/NAME honestly, whatever follows in the path, and
/fetch/HOW/NAME answers HEAD honestly and a GET by HOW of the table FETCHES.
"""
import argparse
import asyncio
import gzip
import os
import random
import struct
import sys
import time
import urllib.parse
import zlib

LIES = {}


def lie(function):
    LIES[function.__name__.replace("_", "-")] = function
    return function


def header_of(extension, width, height):
    """The smallest header of a format that states the size."""
    if extension == "png":
        body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) +
                b"\0\0\0\0IDAT\x35\xaf\x06\x1e")
    if extension == "gif":
        return (b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0" +
                b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x01\0\0;")
    return (b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0" + b"\xff\xd9")


TYPES = {"png": "image/png", "gif": "image/gif", "jpg": "image/jpeg"}


class Truth:
    def __init__(self, path):
        name = path.split("?")[0].rsplit("/", 1)[-1]
        try:
            box, size, self.extension = name.split(".")
            width, height = (int(n) for n in box.split("x"))
            self.size = int(size)
        except ValueError:
            width, height, self.size, self.extension = 10, 10, 1000, "png"
        self.type = TYPES[self.extension]
        self.head = header_of(self.extension, width, height)

    def bytes(self, first, last):
        """The bytes first to last of the file: its header, then zeros."""
        part = self.head[first:last + 1]
        return part + bytes(max(0, last + 1 - first - len(part)))


class Request:
    def __init__(self, reader, writer, line, fields, nth, server):
        self.reader, self.writer, self.nth, self.server = reader, writer, nth, server
        self.method, self.path, _ = (line.decode("latin-1").split() + ["", ""])[:3]
        self.fields = fields
        self.truth = Truth(self.path)
        self.range = None
        value = fields.get("range", "")
        if value.startswith("bytes="):
            first, last = value[6:].split("-")
            self.range = (int(first), int(last) if last else self.truth.size - 1)

    async def send(self, *parts):
        for part in parts:
            self.writer.write(part if isinstance(part, bytes) else part.encode("latin-1"))
        await self.writer.drain()

    async def answer(self, status, fields=(), body=b"", length=True):
        lines = [f"HTTP/1.1 {status} x"] + list(fields)
        if length:
            lines.append(f"Content-Length: {len(body)}")
        await self.send("\r\n".join(lines) + "\r\n\r\n", b"" if self.method == "HEAD" else body)

    async def honest(self, extra=(), kind=None):
        """What a good server answers."""
        t = self.truth
        fields = [f"Content-Type: {kind or t.type}", 'ETag: "1"'] + list(extra)
        if self.method == "HEAD":
            await self.send("\r\n".join(["HTTP/1.1 200 OK"] + fields + [f"Content-Length: {t.size}"]) + "\r\n\r\n")
        elif self.range and self.range[0] >= t.size:
            await self.answer(416, [f"Content-Range: bytes */{t.size}"])
        elif self.range:
            first, last = self.range[0], min(self.range[1], t.size - 1)
            await self.answer(206, fields + [f"Content-Range: bytes {first}-{last}/{t.size}"], t.bytes(first, last))
        else:
            await self.answer(200, fields, t.bytes(0, t.size - 1))

    async def whole(self, fields=()):
        await self.answer(200, [f"Content-Type: {self.truth.type}"] + list(fields), self.truth.bytes(0, self.truth.size - 1))


def head_status(status):
    async def serve(r):
        if r.method == "HEAD":
            await r.answer(status, ["Content-Type: text/plain"])
        else:
            await r.honest()
    return serve


for code in (400, 403, 404, 405, 500, 501, 503):
    LIES[f"head{code}"] = head_status(code)


@lie
async def ok(r):
    await r.honest()


def scale(r, width, height, is_jpeg):
    """What an image service does: the picture within a box, lighter by as much as it is smaller."""
    t = r.truth
    box = [int(n) for n in r.path.split("?")[0].rsplit("/", 1)[-1].split(".")[0].split("x")]
    by = min(1, width / box[0] if width else 1, height / box[1] if height else 1)
    t.size = max(200, int(t.size * by * by / (8 if is_jpeg and t.extension != "jpg" else 1)))
    t.extension = "jpg" if is_jpeg else t.extension
    t.type = TYPES[t.extension]
    t.head = header_of(t.extension, round(box[0] * by), round(box[1] * by))


@lie
async def imgix(r):
    """/imgix/WxH.SIZE.EXT?ixlib=x obeys w, h and fm; ixlib=deaf does not, ixlib=crop makes squares, and of gone there is nothing"""
    query = dict(urllib.parse.parse_qsl(r.path.partition("?")[2]))
    how = query.get("ixlib")
    if "w" in query and how == "gone":
        return await r.answer(404, [], b"no")
    if "w" in query and how == "crop":
        r.truth.head = header_of(r.truth.extension, int(query["w"]), int(query["w"]))
        r.truth.size = 5000
    elif how != "deaf":
        scale(r, int(query.get("w", 0)), int(query.get("h", 0)), query.get("fm") == "jpg")
    await r.honest()


async def cloudflare(r):
    """/cdn-cgi/image/OPTIONS/WxH.SIZE.EXT"""
    options = dict(o.partition("=")[::2] for o in r.path.split("/")[3].split(","))
    scale(r, int(options.get("width", 0)), int(options.get("height", 0)), options.get("format") == "jpeg")
    await r.honest()


LIES["cdn-cgi"] = cloudflare


@lie
async def head_reset(r):
    if r.method == "HEAD":
        return "reset"
    await r.honest()


@lie
async def head_timeout(r):
    if r.method == "HEAD":
        await asyncio.sleep(30)
    await r.honest()


@lie
async def head_no_length(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_zero_length(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 0\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_23(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 23\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_wrong_length(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 777\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_chunked(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_body_now(r):
    await r.honest()
    if r.method == "HEAD":
        await r.send(r.truth.bytes(0, 99))


@lie
async def head_body_late(r):
    await r.honest()
    if r.method == "HEAD":
        await asyncio.sleep(random.random() * 0.05)
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 666\r\n\r\n")


@lie
async def head_junk_late(r):
    await r.honest()
    if r.method == "HEAD":
        await asyncio.sleep(0.02)
        await r.send(b"\xff\xd8" + b"A" * 3000)


@lie
async def range_ignored(r):
    await (r.honest() if r.method == "HEAD" else r.whole())


@lie
async def range_ignored_endless(r):
    if r.method == "HEAD":
        return await r.answer(405)
    await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", r.truth.head)
    for _ in range(2000):
        await r.send(bytes(65536))
    return "close"


def range_field(field, first=0):
    async def serve(r):
        if r.method == "HEAD" or not r.range:
            return await r.honest()
        value = field.format(size=r.truth.size, last=min(r.range[1], r.truth.size - 1))
        fields = [f"Content-Type: {r.truth.type}"] + ([f"Content-Range: {value}"] if value else [])
        await r.answer(206, fields, r.truth.bytes(first, 1023))
    return serve


LIES["range-wrong"] = range_field("bytes 500-1523/99999")
LIES["range-missing"] = range_field("")
LIES["range-malformed"] = range_field("bytes 0-/{size}")
LIES["range-total-lies"] = range_field("bytes 0-1023/1024")


@lie
async def range_short(r):
    if r.method == "HEAD" or not r.range:
        return await r.honest()
    first = r.range[0]
    last = min(first + 15, r.truth.size - 1)
    await r.answer(206, [f"Content-Type: {r.truth.type}", f"Content-Range: bytes {first}-{last}/{r.truth.size}"],
                   r.truth.bytes(first, last))


@lie
async def range_star(r):
    if r.method == "HEAD":
        return await r.answer(405)
    if not r.range:
        return await r.whole()
    last = min(r.range[1], r.truth.size - 1)
    await r.answer(206, [f"Content-Type: {r.truth.type}", f"Content-Range: bytes {r.range[0]}-{last}/*"],
                   r.truth.bytes(r.range[0], last))


@lie
async def range_multipart(r):
    if r.method == "HEAD" or not r.range:
        return await r.honest()
    body = b"--x\r\nContent-Type: image/png\r\nContent-Range: bytes 0-9/100\r\n\r\n0123456789\r\n--x--\r\n"
    await r.answer(206, ["Content-Type: multipart/byteranges; boundary=x"], body)


@lie
async def range_416(r):
    if r.range and r.method == "GET":
        await r.answer(416, [f"Content-Range: bytes */{r.truth.size}"])
    else:
        await r.honest()


@lie
async def range_403(r):
    if r.range and r.method == "GET":
        await r.answer(403)
    else:
        await r.honest()


@lie
async def empty_416(r):
    if r.method == "HEAD":
        await r.answer(200, ["Content-Type: image/png"])
    else:
        await r.answer(416, ["Content-Range: bytes */0"])


@lie
async def length_twice_same(r):
    if r.method == "HEAD":
        await r.honest([f"Content-Length: {r.truth.size}"])
    else:
        await r.honest()


@lie
async def length_twice(r):
    if r.method == "HEAD":
        await r.honest(["Content-Length: 5"])
    else:
        await r.honest()


@lie
async def length_abc(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: abc\r\n\r\n")
    else:
        await r.honest()


@lie
async def length_and_chunked(r):
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n")
    if r.method == "GET":
        data = r.truth.bytes(0, r.truth.size - 1)
        await r.send(f"{len(data):x}\r\n", data, "\r\n0\r\n\r\n")


@lie
async def chunked(r):
    await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
    if r.method == "GET":
        data = r.truth.bytes(0, r.truth.size - 1)
        await r.send(f"{len(data):x}\r\n", data, "\r\n0\r\n\r\n")


@lie
async def gzip_anyway(r):
    data = gzip.compress(r.truth.bytes(0, r.truth.size - 1))
    await r.answer(200, ["Content-Type: image/png", "Content-Encoding: gzip"], data)


@lie
async def hints_before(r):
    await r.send("HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\nContent-Length: 3\r\n\r\n")
    await r.honest()


@lie
async def http10(r):
    await r.send(f"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n")
    if r.method == "GET":
        await r.send(r.truth.bytes(0, r.truth.size - 1))
    return "close"


@lie
async def junk(r):
    await r.send("what is this?\r\n\r\n")
    return "close"


@lie
async def many_fields(r):
    await r.send("HTTP/1.1 200 OK\r\n", "".join(f"X-{i}: {'y' * 50}\r\n" for i in range(5000)), "\r\n")
    return "close"


@lie
async def long_field(r):
    await r.send("HTTP/1.1 200 OK\r\nX-Long: ", "y" * 250000, "\r\nContent-Length: 0\r\n\r\n")
    return "close"


@lie
async def slow_header(r):
    for byte in f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n".encode():
        await r.send(bytes([byte]))
        await asyncio.sleep(0.002)
    return "close"


@lie
async def stall(r):
    await asyncio.sleep(30)


@lie
async def close_before(r):
    return "close"


@lie
async def close_in_header(r):
    await r.send("HTTP/1.1 200 OK\r\nContent-Ty")
    return "close"


@lie
async def close_in_body(r):
    if r.method == "HEAD":
        return await r.honest()
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n", b"\x89PNG")
    return "close"


@lie
async def closes_silently(r):
    await r.honest()
    return "close"


@lie
async def redirect(r):
    n = int(r.path.split("/")[2])
    rest = r.path.split("/")[3]
    to = f"/redirect/{n - 1}/{rest}" if n > 1 else f"/ok/{rest}"
    await r.answer(302, [f"Location: {to}"], b"moved")


@lie
async def redirect_loop(r):
    other = "b" if "/a/" in r.path else "a"
    await r.answer(301, [f"Location: /redirect-loop/{other}/1x1.100.png"])


@lie
async def redirect_endless(r):
    n = int(r.path.split("/")[2])
    await r.answer(302, [f"Location: /redirect-endless/{n + 1}/1x1.100.png"])


@lie
async def redirect_to(r):
    await r.answer(302, ["Location: " + urllib.parse.unquote(r.path.split("to=", 1)[1])])


@lie
async def redirect_nowhere(r):
    await r.answer(302)


@lie
async def status(r):
    await r.answer(int(r.path.split("/")[2]), ["Content-Type: text/html"], b"<html>no</html>")


@lie
async def retry_after(r):
    seen = r.server.count(r.path)
    if seen == 1:
        return await r.answer(429, ["Retry-After: 1"])
    await r.honest()


@lie
async def retry_after_long(r):
    await r.answer(429, ["Retry-After: 3600"])


@lie
async def slow(r):
    """/slow/MS/...: honest, after so many milliseconds."""
    await asyncio.sleep(int(r.path.split("/")[2]) / 1000)
    await r.honest()


@lie
async def busy(r):
    """/busy/HOW/...: the fifth request is refused with Retry-After in HOW, seconds or date; so is what was on its way then, and what is
    sent before it is time is a mistake (400)."""
    how, now = r.path.split("/")[2], time.time()
    if r.server.count(f"busy/{how}") == 5:
        r.server.rests[how] = now, int(now) + 2 if how == "date" else now + 1
    refused_at, until = r.server.rests.get(how, (0, 0))
    await asyncio.sleep(0.02)
    if now >= until:
        return await r.honest()
    if now > refused_at + 0.2:
        return await r.answer(400)
    await r.answer(429, ["Retry-After: " + (time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(until)) if how == "date" else "1")])


@lie
async def throttle(r):
    """/throttle/N/...: at most N requests a second and N at once; what is more is refused without a word on when to come back."""
    server, rate = r.server, int(r.path.split("/")[2])
    now = time.monotonic()
    server.tokens = min(rate, server.tokens + (now - server.filled) * rate)
    server.filled = now
    if server.tokens < 1:
        return await r.answer(429)
    server.tokens -= 1
    await r.honest()


@lie
async def flaky(r):
    if r.server.count(r.path) <= int(r.path.split("/")[2]):
        return await r.answer(503)
    await r.honest()


@lie
async def html(r):
    body = b"<!doctype html><title>Log in</title>" + b" " * 200
    await r.answer(200, ["Content-Type: image/jpeg"], body)


@lie
async def html_typed(r):
    await r.answer(200, ["Content-Type: text/html; charset=utf-8"], b"<!doctype html><title>x</title>" + b" " * 200)


@lie
async def json(r):
    await r.answer(200, ["Content-Type: application/json"], b'{"error": "no such image"}' + b" " * 100)


@lie
async def zeros(r):
    # room for a file that never came: of a format that begins otherwise, or of one that is not read
    kind = "image/jpeg" if r.path.endswith(".jpg") else "image/x-xcf"
    await r.answer(200, ["Content-Type: " + kind], bytes(300))


@lie
async def empty(r):
    await r.answer(200, ["Content-Type: image/png"])


@lie
async def wrong_type(r):
    await r.honest(kind="image/webp")


@lie
async def signed_for_get(r):
    await (r.answer(403) if r.method == "HEAD" else r.honest())


@lie
async def varies(r):
    await r.honest(["Vary: Accept-Encoding, Accept"])


@lie
async def private(r):
    await r.answer(302, ["Location: http://10.0.0.1/" + r.path.rsplit("/", 1)[-1]])

@lie
async def header_nul(r):
    """A NUL within a field, and one that hides a second length."""
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nX-Nul: a\0b\r\nContent-Length: {r.truth.size}\r\n\r\n")
    if r.method == "GET":
        await r.send(r.truth.bytes(0, r.truth.size - 1))


@lie
async def header_folded(r):
    """Obsolete line folding: a length whose digits go on, a field hidden in a continuation."""
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n 00\r\n Content-Length: 7\r\n\r\n")
    else:
        await r.honest(["X-Fold: a", " Content-Range: bytes 0-1/2"])


@lie
async def header_endless(r):
    await r.send("HTTP/1.1 200 OK\r\n")
    for i in range(200000):
        await r.send(f"X-{i}: {'y' * 500}\r\n")
    return "close"


@lie
async def hints_endless(r):
    for _ in range(200000):
        await r.send("HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n")
    return "close"


@lie
async def location_bomb(r):
    await r.answer(302, ["Location: /" + "a" * 90000])


@lie
async def slow_body(r):
    """Honest, a byte at a time."""
    if r.method == "HEAD":
        return await r.honest()
    first, last = r.range or (0, r.truth.size - 1)
    last = min(last, r.truth.size - 1)
    await r.send(f"HTTP/1.1 206 x\r\nContent-Type: image/png\r\nContent-Length: {last + 1 - first}\r\n"
                 f"Content-Range: bytes {first}-{last}/{r.truth.size}\r\n\r\n")
    for byte in r.truth.bytes(first, last):
        await r.send(bytes([byte]))
        await asyncio.sleep(0.002)


@lie
async def stall_in_header(r):
    await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Len")
    await asyncio.sleep(30)


@lie
async def stall_in_body(r):
    if r.method == "HEAD":
        return await r.honest()
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n", b"\x89PNG")
    await asyncio.sleep(30)


@lie
async def close_after_header(r):
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n")
    return "close"


@lie
async def reset_in_body(r):
    if r.method == "HEAD":
        return await r.honest()
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {r.truth.size}\r\n\r\n", b"\x89PNG")
    await asyncio.sleep(0.01)
    return "reset"


CHUNKED = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"


@lie
async def chunked_endless(r):
    await r.send(CHUNKED)
    if r.method == "HEAD":
        return None
    await r.send(f"{len(r.truth.head):x}\r\n", r.truth.head, "\r\n")
    for _ in range(2000):
        await r.send("10000\r\n", bytes(65536), "\r\n")
    return "close"


@lie
async def chunked_cut(r):
    """The last chunk never comes."""
    await r.send(CHUNKED)
    if r.method == "HEAD":
        return None
    data = r.truth.bytes(0, r.truth.size - 1)
    await r.send(f"{len(data):x}\r\n", data, "\r\n")
    return "close"


@lie
async def chunked_junk(r):
    await r.send(CHUNKED)
    if r.method == "HEAD":
        return None
    await r.send("what?\r\n", r.truth.head)
    return "close"


@lie
async def length_huge(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99999999999999999999999\r\n\r\n")
    else:
        await r.honest()


@lie
async def length_negative(r):
    if r.method == "HEAD":
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: -5000\r\n\r\n")
    else:
        await r.honest()


@lie
async def head_html(r):
    """HEAD says HTML, as GET does, with a size that any limit would let pass."""
    body = b"<!doctype html><title>Not here</title>" + b" " * 2000
    await r.answer(200, ["Content-Type: text/html; charset=utf-8"], body)


@lie
async def same(r):
    """Whatever is asked for, one picture: a placeholder."""
    r.truth = Truth("/40x30.2222.png")
    await r.honest()


@lie
async def desync(r):
    """Each path has a size of its own; every seventh HEAD is followed, late, by a forged answer."""
    r.truth.size = int(r.path.rsplit("/", 1)[-1]) + 1000
    r.truth.type, r.truth.head = "image/gif", header_of("gif", 7, 5)
    await r.honest()
    if r.method == "HEAD" and r.server.requests % 7 == 0:
        await asyncio.sleep(random.random() * 0.05)
        await r.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 666\r\n\r\n")


# ---- whole files ----

FETCHES = {}


def fetches(function):
    FETCHES[function.__name__.replace("_", "-")] = function
    return function


def read(r, name):
    """A file of --files, and its type."""
    with open(os.path.join(r.server.files, os.path.basename(name)), "rb") as file:
        data = file.read()
    kind = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "bmp": "image/bmp"}
    return data, kind.get(name.rsplit(".", 1)[-1], "application/octet-stream")


def asked(r, size, etag):
    """(first, last) of a range that holds, or None: the whole."""
    value = r.fields.get("range", "")
    if not value.startswith("bytes=") or r.fields.get("if-range", etag) != etag:
        return None
    first, last = value[6:].split("-")
    return int(first), min(int(last) if last else size - 1, size - 1)


async def give(r, data, kind, etag='"v1"'):
    """A good server of one file."""
    fields = [f"Content-Type: {kind}"] + ([f"ETag: {etag}"] if etag else [])
    part = asked(r, len(data), etag)
    if r.method == "GET" and part and part[0] >= len(data):
        await r.answer(416, [f"Content-Range: bytes */{len(data)}"])
    elif r.method == "GET" and part:
        await r.answer(206, fields + [f"Content-Range: bytes {part[0]}-{part[1]}/{len(data)}"], data[part[0]:part[1] + 1])
    else:
        await r.answer(200, fields, data)


async def give_half(r, data, kind, etag):
    """The head of the whole, half of the body, and no more."""
    fields = [f"Content-Type: {kind}", f"Content-Length: {len(data)}"] + ([f"ETag: {etag}"] if etag else [])
    await r.send("\r\n".join(["HTTP/1.1 200 OK"] + fields) + "\r\n\r\n", data[:len(data) // 2])
    return "close"


@lie
async def file(r):
    await give(r, *read(r, r.path.split("?")[0].split("/")[2]))


@lie
async def fetch(r):
    _, _, how, name = r.path.split("?")[0].split("/")[:4]
    data, kind = read(r, name)
    if r.method == "HEAD":
        return await give(r, data, kind)
    return await FETCHES[how](r, data, kind, r.server.count(r.path))


@fetches
async def cut(r, data, kind, nth):
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, data, kind))


@fetches
async def cut_often(r, data, kind, nth):
    """Each answer ends after the half of what is left, until little is left."""
    first, last = asked(r, len(data), '"v1"') or (0, len(data) - 1)
    left = last + 1 - first
    if left < 600000:
        return await give(r, data, kind)
    status = "206 Partial Content" if first else "200 OK"
    await r.send(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nETag: \"v1\"\r\nContent-Length: {left}\r\n" +
                 (f"Content-Range: bytes {first}-{last}/{len(data)}\r\n" if first else "") + "\r\n",
                 data[first:first + left // 2])
    return "close"


@fetches
async def cut_unmarked(r, data, kind, nth):
    return await (give_half(r, data, kind, None) if nth == 1 else give(r, data, kind, None))


@fetches
async def cut_weak(r, data, kind, nth):
    return await (give_half(r, data, kind, 'W/"v1"') if nth == 1 else give(r, data, kind, 'W/"v1"'))


@fetches
async def cut_changed(r, data, kind, nth):
    """Another file by the second request, and If-Range is honoured."""
    other, _ = read(r, "other.bmp")
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, other, kind, '"v2"'))


@fetches
async def cut_changed_206(r, data, kind, nth):
    """The same, and If-Range is ignored."""
    other, _ = read(r, "other.bmp")
    r.fields.pop("if-range", None)
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, other, kind, '"v2"'))


@fetches
async def cut_416(r, data, kind, nth):
    if nth == 2:
        return await r.answer(416, [f"Content-Range: bytes */{len(data)}"])
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, data, kind))


@fetches
async def cut_wrong_range(r, data, kind, nth):
    if nth == 2:
        return await r.answer(206, [f"Content-Type: {kind}", 'ETag: "v1"', f"Content-Range: bytes 0-999/{len(data)}"], data[:1000])
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, data, kind))


@fetches
async def cut_moved(r, data, kind, nth):
    if nth == 2:
        return await r.answer(302, ["Location: /file/other.bmp"])
    return await give_half(r, data, kind, '"v1"')


@fetches
async def cut_always(r, data, kind, nth):
    return await give_half(r, data, kind, None)


@fetches
async def cut_503(r, data, kind, nth):
    if nth == 2:
        return await r.answer(503)
    return await (give_half(r, data, kind, '"v1"') if nth == 1 else give(r, data, kind))


@fetches
async def chunks(r, data, kind, nth):
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(data), 50000):
        await r.send(f"{len(data[at:at + 50000]):x}\r\n", data[at:at + 50000], "\r\n")
    await r.send("0\r\n\r\n")


@fetches
async def larger(r, data, kind, nth):
    """Another body than HEAD told of."""
    await give(r, read(r, "large.bmp")[0], kind, '"v2"')


@fetches
async def smaller(r, data, kind, nth):
    await give(r, read(r, "small.bmp")[0], kind, '"v2"')


@fetches
async def squeezed(r, data, kind, nth):
    await r.answer(200, [f"Content-Type: {kind}", "Content-Encoding: gzip"], gzip.compress(data, 1))


@fetches
async def endless(r, data, kind, nth):
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    for _ in range(2000):
        await r.send(piece)
    return "close"


@fetches
async def moved(r, data, kind, nth):
    await r.answer(302, [f"Location: /file/{os.path.basename(r.path)}"])


@fetches
async def moved_to(r, data, kind, nth):
    await r.answer(302, ["Location: " + r.path.split("to=", 1)[1]])


@fetches
async def later(r, data, kind, nth):
    await (r.answer(429, ["Retry-After: 1"]) if nth == 1 else give(r, data, kind))


@fetches
async def gone(r, data, kind, nth):
    await r.answer(404)


@fetches
async def login(r, data, kind, nth):
    await r.answer(200, ["Content-Type: text/html"], b"<!doctype html><title>Log in</title>" + b" " * 3000)


@fetches
async def stalled(r, data, kind, nth):
    await r.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n", data[:1000])
    await asyncio.sleep(30)


XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def urlset(base, paths):
    rows = "".join(f"<url><loc>{base}/p</loc><image:image><image:loc>{base}{p}</image:loc></image:image></url>\n" for p in paths)
    return f'<?xml version="1.0"?>\n<urlset {XMLNS}>\n{rows}</urlset>\n'.encode()


def index(base, paths):
    rows = "".join(f"<sitemap><loc>{base}{p}</loc></sitemap>\n" for p in paths)
    return f'<?xml version="1.0"?>\n<sitemapindex {XMLNS}>\n{rows}</sitemapindex>\n'.encode()


@lie
async def doc(r):
    base = "http://" + r.fields.get("host", "")
    images = [f"/ok/{n}x{n}.{n}000.png" for n in (10, 20, 30)]
    whole = urlset(base, images)
    documents = {
        "sitemap.xml": whole,
        "plain-named-gz.xml.gz": whole,
        "gzip-named-xml.xml": gzip.compress(whole),
        "cut.xml": whole[:whole.rindex(b"<image:loc>") + 20],
        "index.xml": index(base, ["/doc/sitemap.xml", "/doc/gzip-named-xml.xml"]),
        "cycle-a.xml": index(base, ["/doc/cycle-a.xml", "/doc/cycle-b.xml"]),
        "cycle-b.xml": index(base, ["/doc/cycle-a.xml", "/doc/sitemap.xml"]),
        "busy-child.xml": index(base, ["/doc/sitemap.xml", "/status/500/sitemap.xml"]),
        "missing-child.xml": index(base, ["/doc/sitemap.xml", "/doc/not-there.xml"]),
        "robots.txt": f"User-agent: *\nDisallow:\nSitemap: {base}/doc/sitemap.xml\n".encode(),
        "list.txt": "".join(f"{base}{p}\n" for p in images).encode(),
        "page.xml": b"<!doctype html><title>not a sitemap</title>",
        "public.xml": urlset("http://10.0.0.1", ["/a.png"]),
        "pages.xml": "".join(["<urlset>"] + [f"<url><loc>{base}/doc/{p}</loc></url>\n" for p in (
            "a.html", "a.html", "gone.html", "text.html", "file.pdf")] + ["</urlset>"]).encode(),
        "a.html": b"""<!doctype html>
<link rel=stylesheet href=/doc/s.css>
<base href=/ok/>
<img src=10x10.10000.png srcset="20x20.20000.png 2x,
  30x30.30000.png 3x">
<a href=/doc/b.html>b</a> <a href=//127.0.0.2:9/c.html>elsewhere</a> <a href=/doc/a.html>again</a>
""",
        "b.html": b"<p><img src=/ok/40x40.40000.png><a href=c.html><a href=a.html>",
        "c.html": b"<p><img src=/ok/50x50.50000.png>",
        "s.css": b"@import 't.css';\na { b: url(../ok/60x60.60000.png) }\n",
        "t.css": b"@import url(s.css);\na { b: url(../ok/70x70.70000.png) }\n",
        "text.html": b"Hello <img src=/ok/80x80.80000.png>",
        "file.pdf": b"%PDF-1.7\n\0\0",
        "large.html": b"<p><img src=/ok/10x10.10000.png>" + b"<p>" * 2000000,
        "asks.html": b"<meta name=robots content=nofollow><img src=/ok/10x10.10000.png><a href=/doc/c.html>",
        "rel.html": b"<p><a rel=nofollow href=/doc/c.html>c</a> <a href=/doc/text.html>",
        "tagged.html": b"<link rel=stylesheet href=s.css><img src=/ok/10x10.10000.png><a href=/doc/c.html>",
        "koi.html": b"<html><meta charset=utf-8><img src='/ok/10x10.10000.png?\xc1'>",
    }
    name = r.path.rsplit("/", 1)[-1]
    if name == "moved.xml":
        return await r.answer(301, ["Location: /doc/sitemap.xml"])
    if name.startswith("deep-"):
        n = int(name[5:-4])
        return await r.answer(200, [], index(base, [f"/doc/deep-{n + 1}.xml"]))
    if name not in documents:
        return await r.answer(404, [], b"no")
    kinds = {"html": "text/html; charset=koi8-r", "css": "text/css", "pdf": "application/pdf"}
    tags = {"tagged.html": ["X-Robots-Tag: otherbot: none", "X-Robots-Tag: noindex, noimageindex"]}
    await r.answer(200, ["Content-Type: " + kinds.get(name.rsplit(".", 1)[-1], "text/xml")] + tags.get(name, []), documents[name])


RULES = b"""User-agent: *
Disallow: /

User-agent: imgweigh
Disallow: /ok/private/
Allow: /ok/private/shop/
Disallow: /ok/*.gif$
Disallow: /doc/b.html
"""


async def robots_txt(r):
    """By the first label of the host's name: rules (and late, after 0.7 s), hopsN behind N redirects, slow and never by
    Crawl-delay, answerN by status; of others there is none."""
    name = r.fields.get("host", "").split(".")[0]
    hops = int(name[4:]) if name.startswith("hops") else 0
    hop = int(r.path.rsplit("-", 1)[-1]) if r.path.startswith("/robots.txt/hop-") else 0
    if hop < hops:
        return await r.answer(302, [f"Location: /robots.txt/hop-{hop + 1}"])
    if name.startswith("answer"):
        return await r.answer(int(name[6:]), [], b"User-agent: *\nDisallow: /\n")
    if name in ("slow", "never"):
        delay = "0.2" if name == "slow" else "301"
        return await r.answer(200, ["Content-Type: text/plain"], f"User-agent: *\nCrawl-delay: {delay}\n".encode())
    if name == "late":
        await asyncio.sleep(0.7)
    if name not in ("rules", "late") and not hops:
        return await r.answer(404, [], b"no")
    await r.answer(200, ["Content-Type: text/plain"], RULES)


LIES["robots.txt"] = robots_txt


class Server:
    def __init__(self, log, files):
        self.files = files
        self.log = open(log, "w", buffering=1) if log else None
        self.requests = self.connections = 0
        self.seen = {}
        self.open = 0
        self.tokens = self.filled = 0
        self.rests = {}
        self.start = time.monotonic()

    def count(self, path):
        self.seen[path] = self.seen.get(path, 0) + 1
        return self.seen[path]

    async def read_request(self, reader):
        line = await reader.readline()
        if not line.strip():
            return None, None
        fields = {}
        while True:
            field = await reader.readline()
            if field in (b"\r\n", b"\n", b""):
                return line, fields
            name, _, value = field.decode("latin-1").partition(":")
            fields[name.strip().lower()] = value.strip()

    async def connection(self, reader, writer):
        self.connections += 1
        number, nth, result = self.connections, 0, None
        try:
            while result is None:
                line, fields = await self.read_request(reader)
                if not line:
                    break
                self.requests += 1
                nth += 1
                r = Request(reader, writer, line, fields, nth, self)
                if self.log:
                    ms = int((time.monotonic() - self.start) * 1000)
                    self.log.write(f"{ms}\t{number}\t{nth}\t{r.method}\t{r.path}\t{fields.get('range', '-')}\t{fields.get('if-range', '-')}\t{self.open + 1}\t"
                                   f"{fields.get('host', '-')}\n")
                serve = LIES.get(r.path.split("/")[1], LIES["ok"])
                self.open += 1
                try:
                    result = await serve(r)
                finally:
                    self.open -= 1
                if result not in (None, "close", "reset"):
                    result = None
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        if result == "reset":
            writer.transport.abort()
        else:
            writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log")
    parser.add_argument("--files", default=".")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--max-seconds", type=float, default=120)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(sorted(LIES) + [f"fetch/{how}" for how in sorted(FETCHES)]))
        return
    random.seed(7)
    server = Server(options.log, options.files)
    listener = await asyncio.start_server(server.connection, options.host, 0, backlog=1024)
    print(f"PORT={listener.sockets[0].getsockname()[1]}", flush=True)
    loop = asyncio.get_running_loop()
    gone = loop.run_in_executor(None, sys.stdin.read)
    await asyncio.wait([gone, asyncio.ensure_future(asyncio.sleep(options.max_seconds))],
                       return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    try:
        asyncio.run(asyncio.wait_for(main(), 600))
    finally:
        os._exit(0)
