#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""Writes pages of random tags, well nested or not: soup.py FOLDER COUNT SEED. The same seed makes the same pages."""
import os
import random
import sys

PIECES = """<img·src=#> <img·src='#'·srcset='#·1x,·#·2x'> <svg> </svg> <svg/> <math> </math> <title> </title> <textarea> </textarea> <style>
</style> <script> </script> <script><!-- <!-- --> --!> <![CDATA[ ]]> <p> </p> <div> </div> <foreignObject> </foreignObject> <desc> <g>
<image·href=#> <image·href=#·/> <image·xlink:href=#·/> <a·href=#> <iframe·src=#> </iframe> <noscript> </noscript> <table> <td> </table> < </ > />
' " = &amp; <mi> <annotation-xml> <annotation-xml·encoding=text/html> <template> </template> <noframes> </noframes> <xmp> </xmp>
<link·rel=icon·href=#> <meta·property=og:image·content=#> <source·srcset=#> <body> <head> </head> <html> <br> </br> <font> <font·color=x> <b>
<input·type=image·src=#> <video·poster=#> <!x <?y <select> </select> <option>""".split()


def page(chance):
    number, parts = 0, []
    for _ in range(chance.randrange(1, 30)):
        part = chance.choice(PIECES).replace("·", " ")
        while "#" in part:
            number += 1
            part = part.replace("#", str(number), 1)
        parts.append(part + chance.choice(["", "", " ", "\n"]))
    return "".join(parts)


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    for i in range(count):
        with open(os.path.join(folder, f"{i:04}.html"), "w") as out:
            out.write(page(chance))


main()
