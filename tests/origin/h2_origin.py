#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""A server that lies by TLS and by HTTP/2, by script. Needs python3-h2.

h2_origin.py --certs DIR [--log FILE] prints PORT=N and serves on 127.0.0.1 until its standard input closes.

The host that the client names (SNI) decides about TLS: expired.*, wrong.*, untrusted.* get DIR/expired.pem and so on, silent.*
gets no answer at all, cut.* a closed connection, plain.* an answer without TLS; everything else DIR/good.pem. Each file holds a
key and a certificate. Within, paths are /NAME/..., NAME a function of the table LIES; the last part of the path carries
the truth as it does for origin.py. Clients that do not want HTTP/2 are answered by HTTP/1.1, honestly or by a redirect.
"""
import argparse
import asyncio
import os
import re
import ssl
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from origin import Truth  # noqa: E402

LIES = {}
LINGER_S = 2
CERTIFICATES = ("good", "expired", "wrong", "untrusted")


def lie(function):
    LIES[function.__name__.replace("_", "-")] = function
    return function


class Stream:
    """One request by HTTP/2."""

    def __init__(self, connection, stream_id, fields):
        self.connection, self.h2, self.id = connection, connection.h2, stream_id
        self.method, self.path = fields[":method"], fields[":path"]
        self.truth = Truth(self.path)
        self.range = None
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", fields.get("range", ""))
        if match:
            self.range = int(match[1]), min(int(match[2]), self.truth.size - 1)

    def headers(self, status, *fields, end=False):
        self.h2.send_headers(self.id, [(":status", str(status)), *fields], end_stream=end)

    def describe(self):
        """Status, fields and body of an honest answer."""
        t = self.truth
        fields = [("content-type", t.type), ("etag", '"1"')]
        if self.range and self.method == "GET":
            first, last = self.range
            body = t.bytes(first, last)
            return 206, fields + [("content-length", str(len(body))), ("content-range", f"bytes {first}-{last}/{t.size}")], body
        return 200, fields + [("content-length", str(t.size))], t.bytes(0, t.size - 1)

    def data(self, body, end=True):
        for at in range(0, len(body), 8192):
            self.h2.send_data(self.id, body[at:at + 8192], end_stream=end and at + 8192 >= len(body))

    def honest(self):
        status, fields, body = self.describe()
        self.headers(status, *fields, end=self.method == "HEAD")
        if self.method == "GET":
            self.data(body)

    def reset(self, code):
        self.h2.reset_stream(self.id, code)

    def go_away(self, code, last):
        self.h2.close_connection(code, last_stream_id=last)
        return "close"


@lie
def ok(s):
    s.honest()


@lie
def rst(s):
    s.reset(h2.errors.ErrorCodes.INTERNAL_ERROR)


@lie
def rst_head(s):
    if s.method == "HEAD":
        s.reset(h2.errors.ErrorCodes.PROTOCOL_ERROR)
    else:
        s.honest()


@lie
def rst_refused(s):
    """The first time only, as a server does that is busy."""
    if s.connection.origin.count(s.path) == 1:
        s.reset(h2.errors.ErrorCodes.REFUSED_STREAM)
    else:
        s.honest()


@lie
def rst_in_body(s):
    if s.method == "HEAD":
        return s.honest()
    status, fields, body = s.describe()
    s.headers(status, *fields)
    s.data(body[:10], end=False)
    s.reset(h2.errors.ErrorCodes.CANCEL)


@lie
def rst_calm(s):
    s.reset(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)


@lie
def goaway(s):
    """Instead of every answer; nothing was processed."""
    return s.go_away(h2.errors.ErrorCodes.NO_ERROR, 0)


@lie
def goaway_once(s):
    if s.connection.origin.count(s.path) == 1:
        return s.go_away(h2.errors.ErrorCodes.NO_ERROR, 0)
    s.honest()


@lie
def goaway_after(s):
    s.honest()
    return s.go_away(h2.errors.ErrorCodes.NO_ERROR, s.id)


@lie
def goaway_calm(s):
    return s.go_away(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM, 0)


@lie
def head_data(s):
    """A body on the stream of a HEAD, in frames of its own."""
    status, fields, body = s.describe()
    s.headers(status, *fields)
    s.data(body)


@lie
def length_short(s):
    """Less than was said."""
    if s.method == "HEAD":
        return s.honest()
    status, fields, body = s.describe()
    s.headers(status, *fields)
    s.data(body[:10])


@lie
def pings(s):
    for i in range(1000):
        s.h2.ping(i.to_bytes(8, "big"))
    s.honest()


@lie
def trailers(s):
    if s.method == "HEAD":
        return s.honest()
    status, fields, body = s.describe()
    s.headers(status, *fields)
    s.data(body, end=False)
    s.h2.send_headers(s.id, [("x-checksum", "7"), ("content-range", "bytes 0-1/2")], end_stream=True)


@lie
def bomb(s):
    s.headers(200, *[(f"x-{i}", "y" * 500) for i in range(1000)], end=True)


@lie
def stall(s):
    return None


@lie
def stall_in_body(s):
    if s.method == "HEAD":
        return s.honest()
    status, fields, body = s.describe()
    s.headers(status, *fields)
    s.data(body[:10], end=False)


@lie
def junk(s):
    s.connection.junk = b"what is this? " * 20
    return "close"


@lie
def redirect_to(s):
    s.headers(302, ("location", s.path.split("to=", 1)[1]), ("content-length", "0"), end=True)


class Tls:
    """TLS by hand upon a pair of streams, so that its bytes are ours to withhold."""

    def __init__(self, context, reader, writer, seen):
        self.reader, self.writer = reader, writer
        self.inwards, self.outwards = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.inwards.write(seen)
        self.object = context.wrap_bio(self.inwards, self.outwards, server_side=True)

    async def flush(self):
        data = self.outwards.read()
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def step(self, act, *args):
        while True:
            try:
                result = act(*args)
                await self.flush()
                return result
            except ssl.SSLWantReadError:
                await self.flush()
                data = await self.reader.read(65536)
                if not data:
                    raise ConnectionError("closed") from None
                self.inwards.write(data)

    async def handshake(self):
        await self.step(self.object.do_handshake)

    async def read(self):
        try:
            return await self.step(self.object.read, 65536)
        except ssl.SSLError:
            return b""

    async def write(self, data):
        if data:
            await self.step(self.object.write, data)

    async def linger(self):
        """Ends our half and reads on for a while, as RFC 9112, section 9.6, asks for. A socket that is closed with requests in
        it unread is reset, and the client may lose the answers that it has been sent."""
        self.writer.write_eof()
        try:
            async with asyncio.timeout(LINGER_S):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            pass


class Http2:
    def __init__(self, origin, tls):
        self.origin, self.tls, self.junk = origin, tls, b""
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8", validate_outbound_headers=False))

    async def serve(self):
        self.h2.initiate_connection()
        result = None
        while result != "close":
            await self.tls.write(self.h2.data_to_send())
            data = await self.tls.read()
            if not data:
                return
            try:
                events = self.h2.receive_data(data)
            except h2.exceptions.ProtocolError:
                return
            for event in events:
                if isinstance(event, h2.events.RequestReceived) and result != "close":
                    result = self.answer(event)
        await self.tls.write(self.h2.data_to_send() + self.junk)
        await self.tls.linger()

    def answer(self, event):
        stream = Stream(self, event.stream_id, dict(event.headers))
        self.origin.note(stream.method, stream.path)
        return LIES.get(stream.path.split("/")[1], ok)(stream)


async def http1(origin, tls):
    """Without HTTP/2: honest."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = await tls.read()
            if not more:
                return
            data += more
        head, _, data = data.partition(b"\r\n\r\n")
        method, path = head.decode("latin-1").split()[:2]
        origin.note(method, path)
        if "to=" in path:
            await tls.write(f"HTTP/1.1 302 x\r\nLocation: {path.split('to=', 1)[1]}\r\nContent-Length: 0\r\n\r\n".encode())
            continue
        truth = Truth(path)
        await tls.write(f"HTTP/1.1 200 x\r\nContent-Type: {truth.type}\r\nContent-Length: {truth.size}\r\n\r\n".encode() +
                        (b"" if method == "HEAD" else truth.bytes(0, truth.size - 1)))


class Origin:
    def __init__(self, options):
        self.log = open(options.log, "w", buffering=1) if options.log else None
        self.seen = {}
        self.contexts = {}
        for name in CERTIFICATES:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(options.certs, name + ".pem"))
            context.set_alpn_protocols(["h2", "http/1.1"])
            self.contexts[name] = context

    def count(self, path):
        self.seen[path] = self.seen.get(path, 0) + 1
        return self.seen[path]

    def note(self, method, path):
        if self.log:
            self.log.write(f"{method}\t{path}\n")

    async def connection(self, reader, writer):
        try:
            await self.talk(reader, writer)
        except (ConnectionError, ssl.SSLError, OSError):
            pass
        writer.close()

    async def talk(self, reader, writer):
        hello = await reader.read(65536)
        match = re.search(rb"([a-z0-9-]+)\.faults\.test", hello)
        name = match[1].decode() if match else "good"
        if name == "silent":
            await asyncio.sleep(60)
        if name == "plain":
            writer.write(b"HTTP/1.1 400 This is not TLS\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        if name in ("cut", "plain", "silent"):
            return
        tls = Tls(self.contexts.get(name, self.contexts["good"]), reader, writer, hello)
        await tls.handshake()
        if tls.object.selected_alpn_protocol() == "h2":
            await Http2(self, tls).serve()
        else:
            await http1(self, tls)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certs", required=True)
    parser.add_argument("--log")
    parser.add_argument("--max-seconds", type=float, default=120)
    options = parser.parse_args()
    origin = Origin(options)
    listener = await asyncio.start_server(origin.connection, "127.0.0.1", 0, backlog=1024)
    print(f"PORT={listener.sockets[0].getsockname()[1]}", flush=True)
    gone = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait([gone, asyncio.ensure_future(asyncio.sleep(options.max_seconds))],
                       return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    finally:
        os._exit(0)
