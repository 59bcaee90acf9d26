#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""Request files for the tests of fix, and what holds of a repaired one. Python's json is the other reader.

  request_files.py make ORIGIN     batch.jsonl, anthropic.json, ... in the working directory; images named by URL are ORIGIN's
  request_files.py same A B        B is A but for strings that are images or say what they are; prints how many differ
  request_files.py images FILE     "LINE WIDTH HEIGHT FORMAT BYTES LABEL" of each inline image, as Pillow opens it
"""
import base64, io, json, re, struct, sys, zlib

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.S)


def png(width, height, noise=0):
    """Grey; noise: so many rows of it, which nothing makes small."""
    import random
    chance = random.Random(width * 7919 + height)
    rows = b"".join(b"\0" + (chance.randbytes(width) if y < noise else bytes([y & 255]) * width) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b""))


def b64(data):
    return base64.b64encode(data).decode()


def uri(data, kind="image/png"):
    return f"data:{kind};base64,{b64(data)}"


def chat(custom_id, *urls, **more):
    content = [{"type": "text", "text": "What is shown? é 😀"}]
    content += [{"type": "image_url", "image_url": {"url": url, **more}} for url in urls]
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}}


def write(name, text):
    with open(name, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def make(origin):
    small, wide, heavy = png(64, 48), png(3000, 200, 20), png(900, 900, 900)
    write("small.png", small), write("wide.png", wide), write("heavy.png", heavy)
    lines = [
        json.dumps(chat("kept", uri(small))),
        json.dumps(chat("wide", uri(wide), detail="high")),
        json.dumps(chat("both", uri(wide), uri(small))),
        json.dumps(chat("escaped", uri(wide))).replace("/", "\\/").replace("+", "\\u002b"),
        '{"custom_id":"numbers","body":{"model":"gpt-4o","x":1.0,"y":1e5,"z":10000000000000000000001,"x":-0, "messages" : '
        '[{"role":"user","content":[{"image_url":{"url":"https://a.test/not-the-last","url" :\t"%s"},"type":"image_url"}]}]}}' % uri(wide),
        json.dumps(chat("label", uri(small, "image/gif"))),
        '{"custom_id":"cut","body":{"messages":[{"role":"user"',
        json.dumps(chat("url", f"{origin}/file/small.png")),
        json.dumps(chat("wide-url", f"{origin}/file/wide.png")),
        json.dumps({"custom_id": "text", "body": {"messages": [{"role": "user", "content": uri(wide)}]}}),
    ]
    text = "\n".join(lines)
    write("batch.jsonl", text + "\n")
    write("crlf.jsonl", b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode())
    write("clean.jsonl", "\n".join([lines[0], lines[6], lines[9]]))
    blocks = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(wide)}},
        {"type": "image", "source": {"data": b64(small), "media_type": "image/jpeg", "type": "base64"}},
        {"type": "image", "source": {"type": "url", "url": f"{origin}/file/small.png"}, "cache_control": {"type": "ephemeral"}},
        {"type": "image", "source": {"type": "file", "file_id": "file-1"}},
    ]
    body = {"model": "claude-opus-5", "max_tokens": 9, "messages": [{"role": "user", "content": blocks}]}
    write("anthropic.json", json.dumps({"requests": [{"custom_id": "a", "params": body}]}, indent=2))
    write("gemini.jsonl", json.dumps({"key": "g", "request": {"contents": [{"role": "user", "parts": [
        {"inlineData": {"mimeType": "image/png", "data": b64(wide)}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": f"{origin}/file/small.png"}},
        {"file_data": {"file_uri": f"{origin}/file/small.png", "mime_type": "image/png"}}]}]}}) + "\n")
    write("converse.json", json.dumps({"messages": [{"role": "user", "content": [
        {"image": {"format": "png", "source": {"bytes": b64(wide)}}}]}]}))
    write("ollama.json", json.dumps({"model": "llava", "messages": [{"role": "user", "content": "?", "images": [b64(wide)]}]}))
    write("langchain.json", json.dumps([{"role": "user", "content": [
        {"type": "image", "url": f"{origin}/file/small.png"},
        {"type": "image", "source_type": "url", "url": f"{origin}/file/small.png"},
        {"type": "image", "base64": b64(wide), "mime_type": "image/png"}]}]))
    many = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(png(2500 + i, 10))}} for i in range(21)]
    write("many.json", json.dumps({"model": "claude-opus-5", "messages": [{"role": "user", "content": many}]}))
    write("budget.jsonl", "".join(json.dumps(chat(f"b{n}", *[uri(heavy)] * n)) + "\n" for n in (1, 3, 6)))


def tokens(data):
    """Text and strings, in turns."""
    at = 0
    for found in STRING.finditer(data):
        yield data[at:found.start()]
        yield found.group()
        at = found.end()
    yield data[at:]


def is_of_image(text):
    plain = re.sub(rb"\\[nrt]", b"", re.sub(rb"\\u002[bB]", b"+", text.replace(b"\\/", b"/")))
    return re.fullmatch(rb'"(?:data:[^,]*,){0,2}[A-Za-z0-9+/=_-]*"|"(?:image/)?[a-z+]+"|"https?://[^"]*"', plain)


def same(a, b):
    before, after = list(tokens(open(a, "rb").read())), list(tokens(open(b, "rb").read()))
    assert len(before) == len(after), f"{len(before)} tokens became {len(after)}"
    changed = 0
    for i, (old, new) in enumerate(zip(before, after)):
        if old == new:
            continue
        assert i % 2 == 1, f"text between strings changed: {old[:80]!r} to {new[:80]!r}"
        assert is_of_image(old) and is_of_image(new), f"{old[:80]!r} became {new[:80]!r}"
        changed += 1
    print(changed)


def inline_images(value, label=None):
    if isinstance(value, dict):
        for key in value:
            known = next((value[k] for k in ("media_type", "mimeType", "mime_type", "format") if isinstance(value.get(k), str)), label)
            yield from inline_images(value[key], known)
    elif isinstance(value, list):
        for one in value:
            yield from inline_images(one, label)
    elif isinstance(value, str) and len(value) > 40:
        match = re.fullmatch(r"data:([^;,]*)(?:;[^,]*)?,(.*)", value, re.S)
        try:
            yield (match[1] if match else label), base64.b64decode(match[2] if match else value, validate=True)
        except ValueError:
            pass


def images(name):
    from PIL import Image
    Image.MAX_IMAGE_PIXELS = None
    text = open(name, "rb").read().decode("utf-8-sig")
    try:
        documents = [(1, json.loads(text))]
    except ValueError:
        documents = []
        for n, line in enumerate(text.splitlines(), 1):
            try:
                documents.append((n, json.loads(line)))
            except ValueError:
                pass
    for n, document in documents:
        for label, data in inline_images(document):
            image = Image.open(io.BytesIO(data))
            image.load()
            print(n, *image.size, image.format.lower(), len(data), label)


if __name__ == "__main__":
    {"make": make, "same": same, "images": images}[sys.argv[1]](*sys.argv[2:])
