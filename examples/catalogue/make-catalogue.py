#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""Makes the demonstration catalogue: make-catalogue.py FOLDER BASE-URL

A sitemap index, a gzip sitemap with image:image entries, a sitemap of pages, the pages, a style sheet, robots.txt and
some forty real images, most of them fine; a few are named by the pages alone. What is wrong with the others is in
expected.tsv.
"""
import gzip
import os
import struct
import sys
import zlib


def png(width, height, colour=(30, 120, 200), padding=0):
    """An RGB PNG of one colour with a gradient; padding bytes go into an ancillary chunk."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = bytearray()
    for y in range(height):
        shade = bytes((c * (y % 256) // 255) for c in colour)
        rows += b"\0" + shade * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header)]
    if padding:
        parts.append(chunk(b"paDd", bytes(padding)))
    parts += [chunk(b"IDAT", zlib.compress(bytes(rows), 6)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(width, height, frames=1):
    """A GIF of black frames: each pixel an LZW literal, with a clear code before the table would grow."""
    out = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0" + b"\xff\xff\xff"
    if frames > 1:
        out += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    bits, count = 0, 0
    data = bytearray()

    def emit(code):
        nonlocal bits, count
        bits |= code << count
        count += 3
        while count >= 8:
            data.append(bits & 255)
            bits >>= 8
            count -= 8
    for i in range(width * height):
        if i % 2 == 0:
            emit(4)
        emit(0)
    emit(5)
    data.append(bits & 255)
    blocks = b"".join(bytes([len(data[i:i + 255])]) + bytes(data[i:i + 255]) for i in range(0, len(data), 255)) + b"\0"
    for _ in range(frames):
        out += b"\x21\xf9\x04\0\x0a\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02" + blocks
    return out + b";"


def bmp(width, height):
    row = bytes((40, 90, 160)) * width
    row += bytes(-len(row) % 4)
    pixels = row * height
    return (b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) +
            struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels)


class Bits:
    """JPEG's entropy-coded bits, with stuffing."""

    def __init__(self):
        self.out, self.acc, self.n = bytearray(), 0, 0

    def put(self, code, length):
        self.acc = self.acc << length | code
        self.n += length
        while self.n >= 8:
            byte = self.acc >> (self.n - 8) & 255
            self.out.append(byte)
            if byte == 255:
                self.out.append(0)
            self.n -= 8
        self.acc &= (1 << self.n) - 1

    def end(self):
        if self.n:
            self.put((1 << (8 - self.n)) - 1, 8 - self.n)
        return bytes(self.out)


def jpeg(width, height, grey=90, exif_orientation=None):
    """A baseline grey JPEG: a vertical gradient of 8x8 blocks, DC coefficients only."""
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
    out = b"\xff\xd8"
    if exif_orientation:
        tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x112, 3, 1, exif_orientation, 0, 0)
        out += segment(0xE1, b"Exif\0\0" + tiff)
    out += segment(0xDB, b"\0" + bytes([8] * 64))
    out += segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
    # DC: categories 0 to 11, four bits each; AC: end of block in one bit
    out += segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
    out += segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
    out += segment(0xDA, b"\x01\x01\0\0\x3f\0")
    bits, last = Bits(), 0
    for y in range((height + 7) // 8):
        level = (grey - 128) + y % 64
        for _ in range((width + 7) // 8):
            diff, last = level - last, level
            size = abs(diff).bit_length()
            bits.put(size, 4)
            if size:
                bits.put(diff if diff > 0 else diff + (1 << size) - 1, size)
            bits.put(0, 1)
    return out + bits.end() + b"\xff\xd9"


def files():
    made = {}
    for i in range(1, 13):
        made[f"img/photo-{i:02}.jpg"] = jpeg(640 + 64 * i, 480 + 32 * i, 60 + 8 * i)
    for i in range(1, 9):
        made[f"img/drawing-{i}.png"] = png(200 + 40 * i, 150 + 30 * i, (20 * i, 200 - 15 * i, 90))
    for i in range(1, 4):
        made[f"img/icon-{i}.gif"] = gif(16 * i, 16 * i)
    made["img/portrait.jpg"] = jpeg(1200, 900, exif_orientation=6)
    made["img/heavy.png"] = png(1600, 1200, padding=22 * 1000 * 1000)
    made["img/wide.png"] = png(4000, 1000)
    made["img/tall.jpg"] = jpeg(1000, 3000)
    made["img/scan.bmp"] = bmp(600, 400)
    made["img/spinner.gif"] = gif(48, 48, frames=4)
    made["img/login.jpg"] = b"<!doctype html><title>Log in</title><p>Please log in to see this image.</p>\n"
    made["img/cut.png"] = png(300, 200)[:20]
    made["img/mislabelled.jpg"] = png(320, 240)
    return made


def files_of_pages():
    """What no sitemap names: srcset, a style sheet, a style attribute, JSON-LD, and behind a script."""
    return {
        "page/team-480.jpg": jpeg(480, 320),
        "page/team-960.jpg": jpeg(960, 640),
        "page/hero.png": png(3000, 900),
        "page/banner.png": png(1200, 200),
        "page/lazy.jpg": jpeg(800, 600),
        "page/icon.png": png(180, 180),
        "page/share.png": png(1200, 630),
        "page/poster.bmp": bmp(320, 180),
    }


SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"


INDEX = """<!doctype html>
<title>Demonstration shop</title>
<link rel="stylesheet" href="shop.css">
<link rel="icon" href="/page/icon.png">
<meta property="og:image" content="/page/share.png">
<header><h1>Demonstration shop</h1></header>
<img src="/img/photo-01.jpg" alt="">
<img data-src="/page/lazy.jpg" alt=""><noscript><img src="/page/lazy.jpg" alt=""></noscript>
"""
ABOUT = """<!doctype html>
<title>About the demonstration shop</title>
<base href="/page/">
<picture>
  <source srcset="team-480.jpg 480w, team-960.jpg 960w,
                  hero.png 3000w" sizes="100vw">
  <img src="team-480.jpg" alt="">
</picture>
<video poster="poster.bmp"></video>
"""


def documents(base, names):
    entries = "".join(f"  <url>\n    <loc>{base}/products/{i}.html</loc>\n"
                      f"    <image:image><image:loc>{base}/{name}</image:loc></image:image>\n  </url>\n"
                      for i, name in enumerate(names, 1))
    products = (f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}" xmlns:image="{IMAGE}">\n{entries}</urlset>\n')
    pages = (f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}">\n'
             f"  <url><loc>{base}/index.html</loc></url>\n  <url><loc>{base}/about.html</loc></url>\n</urlset>\n")
    index = (f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAP}">\n'
             f"  <sitemap><loc>{base}/sitemap-products.xml.gz</loc></sitemap>\n"
             f"  <sitemap><loc>{base}/sitemap-pages.xml</loc></sitemap>\n</sitemapindex>\n")
    made = {f"products/{i}.html": f"<!doctype html>\n<title>Product {i}</title>\n<h1>Product {i}</h1>\n<p>Number {i}.\n".encode()
            for i, _ in enumerate(names, 1)}
    made.update({
        "index.html": INDEX.encode(),
        "about.html": ABOUT.encode(),
        "shop.css": b"/* url(/page/not-this-one.png) */\nheader {\n  background: #eee url(page/banner.png) no-repeat;\n}\n",
    })
    return made | {
        "sitemap_index.xml": index.encode(),
        "sitemap.xml": index.encode(),  # where programs look first
        "sitemap-products.xml.gz": gzip.compress(products.encode(), mtime=0),
        "sitemap-pages.xml": pages.encode(),
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap_index.xml\n".encode(),
    }


def main():
    folder, base = sys.argv[1], sys.argv[2]
    made = files()
    named = sorted(made) + ["img/missing.jpg"]
    made.update(files_of_pages())
    made.update(documents(base, named))
    for name, data in made.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)


main()
