#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""make-photos.py DIR: makes the pictures that fix-bench.sh decodes. Photographs are drawn from clouds of many octaves, cut
into regions with edges, textured, lit and grained, and then coded at 1.5 to 3 bits a pixel as cameras do; the
screenshot has windows, small coloured text and transparent corners. The same seed, the same picture. What exists is kept."""
import os
import shutil
import subprocess
import sys

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont


def clouds(random, width, height, coarsest, finest, roughness):
    """A field of mean 0 and deviation 1: octaves of noise, each half as large and `roughness` as strong as the last."""
    field = numpy.zeros((height, width), numpy.float32)
    size, weight = coarsest, 1.0
    while size >= finest:
        small = random.standard_normal((height // size + 3, width // size + 3)).astype(numpy.float32)
        large = Image.fromarray(small).resize((small.shape[1] * size, small.shape[0] * size), Image.BICUBIC)
        top, left = random.integers(0, size), random.integers(0, size)
        field += weight * numpy.asarray(large)[top:top + height, left:left + width]
        size, weight = size // 2, weight * roughness
    return (field - field.mean()) / field.std()


def photo(seed, width, height):
    """A landscape of sorts: sky, hills with sharp outlines, foliage, buildings with windows, soft and hard parts."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    y /= height
    x /= width
    soft = clouds(random, width, height, 1024, 32, 0.6)
    fine = clouds(random, width, height, 128, 2, 0.75)
    rgb = numpy.empty((height, width, 3), numpy.float32)
    for c, (top, bottom, cloud) in enumerate(((70, 190, 28), (120, 205, 24), (190, 225, 14))):
        rgb[..., c] = top + (bottom - top) * y + cloud * numpy.maximum(soft, -0.4)
    for layer in range(4):
        line = clouds(random, width, 8, 1024, 8, 0.5)[:1] * 0.05 + 0.35 + 0.14 * layer
        inside = y > line
        light = 1 + 0.25 * numpy.roll(soft, 200 * layer, axis=1)
        texture = 9 + 7 * layer
        colour = ((95, 105, 120), (88, 110, 80), (104, 96, 62), (60, 84, 40))[layer]
        for c in range(3):
            shade = colour[c] * light + texture * fine * (1.15, 1.0, 0.7)[c]
            rgb[..., c] = numpy.where(inside, shade, rgb[..., c])
    picture = Image.fromarray(numpy.clip(rgb, 0, 255).astype(numpy.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        left, wide = int(random.integers(0, width)), int(random.integers(width // 40, width // 10))
        top, base = int(height * random.uniform(0.35, 0.6)), int(height * random.uniform(0.62, 0.8))
        grey = int(random.integers(60, 200))
        wall = tuple(grey + int(v) for v in random.integers(-22, 22, 3))
        draw.rectangle((left, top, left + wide, base), fill=wall)
        step = max(width // 250, 6)
        for wx in range(left + step // 2, left + wide - step, step * 2):
            for wy in range(top + step, base - step, step * 2):
                draw.rectangle((wx, wy, wx + step - 2, wy + step), fill=tuple(v // 3 + 20 for v in wall))
    for _ in range(60):
        px, py = int(random.integers(0, width)), int(height * random.uniform(0.5, 1))
        grey = int(random.integers(20, 230))
        colour = (grey + 15, grey, grey - 15)
        draw.line((px, py, px + int(random.integers(-300, 300)), py - int(random.integers(50, 500))), fill=colour, width=3)
    return picture


def grained(picture, seed, amount):
    """The lens's softness, and the sensor's noise: more of it in the dark."""
    random = numpy.random.default_rng(seed)
    values = numpy.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)), numpy.float32)
    noise = random.standard_normal(values.shape, numpy.float32)
    noise += random.standard_normal(values.shape[:2], numpy.float32)[..., None]
    return Image.fromarray(numpy.clip(values + noise * amount * (1.3 - values / 400), 0, 255).astype(numpy.uint8))


def font(size):
    for name in ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "FreeSans.ttf"):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            pass
    return ImageFont.load_default()


def screenshot(width, height):
    random = numpy.random.default_rng(7)
    words = "const value return picture total price basket remove order if else while struct error = { } ( ) ; 0x1F 42".split()
    colours = ((215, 58, 73), (0, 92, 197), (34, 134, 58), (111, 66, 193), (36, 41, 46), (106, 115, 125))
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for number, (left, top, right, bottom) in enumerate(((20, 20, width // 2 - 10, height - 20), (width // 2 + 10, 20, width - 20, height // 2),
                                                         (width // 2 + 10, height // 2 + 20, width - 20, height - 20))):
        dark = number == 1
        draw.rounded_rectangle((left, top, right, bottom), 18, fill=(30, 30, 38, 245) if dark else (255, 255, 255, 255),
                               outline=(120, 120, 120, 160))
        draw.rectangle((left + 1, top + 18, right - 1, top + 44), fill=(60, 62, 72, 255) if dark else (236, 238, 241, 255))
        size = (13, 12, 15)[number]
        face = font(size)
        for line, py in enumerate(range(top + 56, bottom - size - 10, size + 7)):
            px = left + 16 + 24 * int(random.integers(0, 4))
            while px < right - 140 and random.uniform() < 0.9:
                word = words[int(random.integers(0, len(words)))]
                colour = colours[int(random.integers(0, len(colours)))]
                draw.text((px, py), word, fill=tuple(255 - v // 2 for v in colour) + (255,) if dark else colour + (255,), font=face)
                px += int(draw.textlength(word, font=face)) + size // 2
            if line % 9 == 4 and not dark:
                draw.rounded_rectangle((right - 110, py, right - 20, py + size + 4), 5, fill=(9, 105, 218, 255))
    return picture


def write(path, make):
    if os.path.exists(path):
        return
    kept = path + ".part" + os.path.splitext(path)[1]
    try:
        make(kept)
        os.rename(kept, path)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        print(f"{os.path.basename(path)} is left out: {error}", file=sys.stderr)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def at(name):
        return os.path.join(folder, name)

    names = ("12mp-420.jpg", "12mp-444.jpg", "24mp-progressive.jpg", "48mp.jpg", "12mp.png", "screenshot-4mp.png", "12mp-lossy.webp",
             "12mp-lossless.webp", "12mp.heic")
    if all(os.path.exists(at(name)) for name in names):
        return
    raw = photo(1, 4000, 3000)
    camera = grained(raw, 2, 2.4)
    write(at("12mp-420.jpg"), lambda to: camera.save(to, quality=91, subsampling=2))
    write(at("12mp-444.jpg"), lambda to: camera.save(to, quality=88, subsampling=0))
    write(at("24mp-progressive.jpg"), lambda to: grained(raw.resize((6000, 4000), Image.BICUBIC), 3, 2.0).save(
        to, quality=92, subsampling=2, progressive=True))
    write(at("48mp.jpg"), lambda to: grained(raw.resize((8000, 6000), Image.BICUBIC), 4, 2.0).save(to, quality=93, subsampling=2))
    write(at("12mp.png"), lambda to: camera.save(to))
    write(at("screenshot-4mp.png"), lambda to: screenshot(2560, 1600).save(to))
    write(at("12mp-lossy.webp"), lambda to: camera.save(to, quality=88, method=2))
    write(at("12mp-lossless.webp"), lambda to: camera.save(to, lossless=True, quality=0, method=0))
    if shutil.which("heif-enc"):
        write(at("12mp.heic"), lambda to: subprocess.run(["heif-enc", "-q", "60", "-o", to, at("12mp.png")], check=True,
                                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    else:
        print("12mp.heic is left out: heif-enc is not installed", file=sys.stderr)


main()
