#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""pillow-recipe.py JOBS DIR: the recipe that is pasted everywhere, as a peer of bench_pixels. Reads a path a line, decodes,
scales and encodes it from memory to memory, answers "wall ms TAB cpu ms TAB bytes" and leaves the result in DIR.
With JOBS above 1, JOBS * 4 pictures are made by JOBS processes, and the wall time is divided by their number."""
import io
import multiprocessing
import os
import resource
import sys
import time

from PIL import Image


def recipe(data):
    image = Image.open(io.BytesIO(data))
    image.thumbnail((1280, 960), Image.LANCZOS)
    if image.mode != "RGB":
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


def main():
    jobs, folder = int(sys.argv[1]), sys.argv[2]
    pool = multiprocessing.Pool(jobs) if jobs > 1 else None
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            with open(path, "rb") as file:
                data = file.read()
            start, used = time.monotonic(), cpu()
            results = pool.map(recipe, [data] * (jobs * 4), chunksize=1) if pool else [recipe(data)]
            wall, used = (time.monotonic() - start) / len(results), cpu() - used
        except (OSError, ValueError) as error:
            print(f"failed: {error}", flush=True)
            continue
        with open(os.path.join(folder, os.path.basename(path) + ".jpg"), "wb") as file:
            file.write(results[0])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{wall * 1e3:.3f}\t{used * 1e3:.3f}\t{len(results[0])}\t\t\t\t{peak:.1f}", flush=True)


if __name__ == "__main__":
    main()
