# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# request_cases.py PORT: writes request files with faults of every kind, into the working directory. Their images are headers of the
# sizes that are wanted: nothing decodes them.
import base64, json, struct, sys, zlib

port = int(sys.argv[1])


def png(width, height, bytes_=0):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rest = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return start + (chunk(b"prIv", bytes(bytes_ - len(start + rest) - 12)) if bytes_ else b"") + rest


def b64(data):
    return base64.b64encode(data).decode()


def uri(data, label="image/png"):
    return f"data:{label};base64,{b64(data)}"


def chat(name, url, model="gpt-4o", more=(), **image):
    parts = [{"type": "image_url", "image_url": {"url": url, **image}}, *more]
    return json.dumps({"custom_id": name, "method": "POST", "url": "/v1/chat/completions",
                       "body": {"model": model, "messages": [{"role": "user", "content": parts}]}}, separators=(",", ":"))


def write(name, lines):
    with open(name, "w") as file:
        file.write("".join(line + "\n" for line in lines))


picture = f"http://pictures.test:{port}/ok/3000x100.5000.png"
write("batch.jsonl", [
    chat("url-4o", picture, detail="low"),
    chat("url-56", picture, model="gpt-5.6-sol", detail="high"),
    chat("patches", uri(png(6000, 6000)), model="gpt-5.6-sol"),
    chat("patches-high", uri(png(6000, 6000)), model="gpt-5.6-sol", detail="high"),
    '{"custom_id":"cut","body":{"model":"gpt-4o"',
    chat("url-4o", uri(png(8, 8))),
    chat("local", f"http://127.0.0.1:{port}/ok/64x48.1000.png"),
    chat("signed", f"http://pictures.test:{port}/ok/64x48.1000.png?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60"),
    chat("label", uri(png(8, 8), "image/jpeg")),
    chat("alphabet", "data:image/png;base64,iVBORw0KGgo%AAA"),
    chat("for-urls", uri(png(8, 8) + b"\xfb\xff\xfe").replace("+", "-").replace("/", "_").replace("image_png", "image/png")),
    chat("ids", "gs://bucket/cat.png", more=[{"type": "image_file", "image_file": {"file_id": "file-1"}}]),
    chat("text", uri(b"no image at all, but text")),
    chat("two", uri(png(8, 8)), more=[{"type": "image_url", "image_url": {"url": uri(png(9, 9))}}]),
    chat("bare", b64(png(8, 8))),
])
many = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(png(2001, 10))}} for _ in range(20)]
shot = {"type": "image", "source": {"media_type": "image/png", "type": "base64", "data": b64(png(10, 10))}}


def claude(content, model="claude-opus-5"):
    return {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": content}]}


with open("many.json", "w") as file:
    json.dump({"requests": [
        {"custom_id": "twenty", "params": claude(many)},
        {"custom_id": "one-more", "params": claude(many + [{"type": "tool_result", "tool_use_id": "t", "content": [shot]}])},
        {"custom_id": "jpg", "params": claude([{"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                                                         "data": b64(b"\xff\xd8\xff\xe0")}}], "claude-haiku-4-5")},
        {"custom_id": "by-url", "params": claude([{"type": "image", "source": {"type": "url", "url": picture}}])},
    ]}, file, indent=1)
write("said.jsonl", [chat("said", picture, format="image/jpeg"), chat("right", picture, format="image/png"),
                     chat("nothing", picture)])
small = b64(png(8, 8))


def beside(*blocks):
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": blocks}]})


def converse(said):
    return beside({"image": {"format": said, "source": {"bytes": small}}})


write("beside.jsonl", [
    beside({"type": "image_url", "image_url": {"url": uri(png(8, 8)), "format": "image/jpeg"}}),
    beside({"type": "image", "image": uri(png(8, 8)), "mimeType": "image/gif"}),
    beside({"type": "image", "source": {"type": "base64", "media_type": "IMAGE/PNG", "data": small}}),
    converse("PNG"), converse("png")])


def part(level, camel):
    names = ("inlineData", "mimeType", "mediaResolution") if camel else ("inline_data", "mime_type", "media_resolution")
    return json.dumps({"contents": [{"parts": [{names[2]: {"level": "MEDIA_RESOLUTION_" + level},
                                                names[0]: {names[1]: "image/png", "data": small}}]}]})


write("levels.jsonl", [part("LOW", True), part("HIGH", True), part("ULTRA_HIGH", False), part("UNSPECIFIED", False)])
write("large.jsonl", [chat(f"r{i}", uri(png(10, 10, 3000))) for i in range(3)])
write("uris.txt", [uri(png(5000, 10)), uri(png(8, 8), "image/gif"), "data:image/png;base64,iVBOR!", "data:,hello"])
write("page.html", [f'<img src="{uri(png(5000, 10))}" width=10 height=10>', f'<img srcset="{uri(png(8, 8))} 2x">',
                    f'<style>p {{ background: url({uri(png(4000, 4))}) }}</style>', '<a href="data:text/plain,x">x</a>'])
write("list.csv", ["id,image_url,title", f'1,"{uri(png(5000, 10))}",wide', '2,https://pictures.test/none.png,none'])
