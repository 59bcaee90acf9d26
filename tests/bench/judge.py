#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""judge.py TOOL=DIR... -- IMAGE...: how near each tool's DIR/NAME.jpg is to a reference: the whole picture decoded, laid on
white and scaled to the same size by Lanczos in floating point. Prints the SSIM of the luma (Gaussian window of 11, sigma
1.5, Wang et al. 2004) and the bytes; ends with medians and the worst difference of the first tool to each other one."""
import os
import statistics
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

Image.MAX_IMAGE_PIXELS = None


def luma(path):
    if path.endswith((".heic", ".avif")):
        with tempfile.TemporaryDirectory() as folder:
            decoded = os.path.join(folder, "decoded.png")
            subprocess.run(["heif-convert", path, decoded], check=True, stdout=subprocess.DEVNULL)
            return luma(decoded)
    image = Image.open(path)
    if image.format == "JPEG" and image.mode in ("RGB", "L"):
        image.draft("L", image.size)  # the file's own luma, not one from clipped RGB
        return numpy.asarray(image, numpy.float32)
    if image.mode != "RGB":
        image = image.convert("RGBA")
    values = numpy.asarray(image, numpy.float32)
    grey = values[..., 0] * 0.299 + values[..., 1] * 0.587 + values[..., 2] * 0.114
    if values.shape[2] == 4:
        alpha = values[..., 3] / 255
        grey = grey * alpha + 255 * (1 - alpha)
    return grey


def blurred(values):
    taps = numpy.exp(-numpy.arange(-5, 6) ** 2 / (2 * 1.5 ** 2))
    taps /= taps.sum()
    rows = sum(t * values[i:values.shape[0] - 10 + i] for i, t in enumerate(taps))
    return sum(t * rows[:, i:rows.shape[1] - 10 + i] for i, t in enumerate(taps))


def ssim(a, b):
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    a, b = a.astype(numpy.float64), b.astype(numpy.float64)
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a ** 2, blurred(b * b) - mean_b ** 2
    cov = blurred(a * b) - mean_a * mean_b
    return float(numpy.mean((2 * mean_a * mean_b + c1) * (2 * cov + c2) / ((mean_a ** 2 + mean_b ** 2 + c1) * (var_a + var_b + c2))))


split = sys.argv.index("--")
tools = [argument.split("=", 1) for argument in sys.argv[1:split]]
seen = {name: {} for name, _ in tools}
print(f"{'':28}" + "".join(f"{name + ' SSIM, bytes':>28}" for name, _ in tools))
for path in sys.argv[split + 1:]:
    whole, references, line = luma(path), {}, f"{os.path.basename(path):28}"
    for name, folder in tools:
        result = os.path.join(folder, os.path.basename(path) + ".jpg")
        if not os.path.exists(result):
            line += f"{'-':>28}"
            continue
        made = luma(result)
        if made.shape not in references:
            references[made.shape] = numpy.asarray(Image.fromarray(whole).resize(made.shape[::-1], Image.LANCZOS))
        seen[name][path] = ssim(references[made.shape], made), os.path.getsize(result)
        line += f"{seen[name][path][0]:16.5f}{seen[name][path][1]:12}"
    print(line, flush=True)
first = tools[0][0]
for name, _ in tools[1:]:
    both = [(seen[first][p], seen[name][p]) for p in seen[first] if p in seen[name]]
    if not both:
        continue
    differences, sizes = [a[0] - b[0] for a, b in both], [a[1] / b[1] for a, b in both]
    print(f"{first} - {name}: SSIM median {statistics.median(differences):+.5f}, worst {min(differences):+.5f}; "
          f"bytes median {statistics.median(sizes):.3f}, largest {max(sizes):.3f} times")
