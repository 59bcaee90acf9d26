#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""What imgweigh finds in pages beside what html5lib's tree holds: compare.py [--exact] LEADS-PROGRAM FILE...

Prints each difference, and a last line of counts; exit 1 when there is a difference that REASONS does not explain, or too many
that it does, or with --exact any.
"""
import re
import subprocess
import sys
from collections import Counter

import html5lib

HTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
NO_LINK = ("mailto:", "tel:", "javascript:", "data:", "ftp:", "sms:", "blob:")
RELS = {"icon": "icon", "apple-touch-icon": "apple-touch-icon", "apple-touch-icon-precomposed": "apple-touch-icon",
        "mask-icon": "mask-icon", "image_src": "image_src"}
METAS = {name.lower(): name for name in ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src",
                                         "twitter:image0", "twitter:image1", "twitter:image2", "twitter:image3",
                                         "msapplication-TileImage", "thumbnail")}
# What the two may differ in, by what a page holds:
REASONS = (
    ("the tree drops what select cannot hold", "imgweigh alone", r"(?i)<select\b"),
    ("the tree drops what frameset cannot hold", "imgweigh alone", r"(?i)<frameset\b"),
    ("html5lib is older than the rule that </p> and </br> end SVG and MathML", "", r"(?is)<(svg|math)\b.*</(p|br)\b"),
    ("an end tag of HTML ends SVG or MathML that was left open: only a tree knows", "", r"(?is)<(svg|math)\b.*</"),
)


def srcset(text):
    """URLs of a srcset, by regular expressions: white space ends a URL, a comma at its end or outside parentheses the candidate."""
    urls = []
    while True:
        text = re.sub(r"^[ \t\n\f\r,]+", "", text)
        if not text:
            return urls
        url = re.match(r"[^ \t\n\f\r]+", text)[0]
        text = text[len(url):]
        if url.endswith(","):
            urls.append(url.rstrip(","))
            continue
        rest = re.match(r"(?:\([^)]*(?:\)|$)|[^,(])*,?", text)[0]
        text = text[len(rest):]
        if re.fullmatch(r"\s*|\s*0*[1-9]\d*w(\s+\d+h)?\s*|\s*\d*\.?\d+(?:[eE][+-]?\d+)?x\s*", rest.rstrip(",")):
            urls.append(url)


def of_link(get):
    rels = get("rel", "").lower().split()
    name = next((RELS[rel] for rel in rels if rel in RELS), None)
    if not name and get("as", "").strip().lower() == "image":
        name = next((rel for rel in rels if rel in ("preload", "prefetch")), None)
    if "stylesheet" in rels:
        yield "link stylesheet", get("href")
    elif name:
        yield "link " + name, get("href")
    if name:
        for url in srcset(get("imagesrcset", "")):
            yield "link@imagesrcset", url


def of_meta(get):
    for key in ("property", "name"):
        name = next((METAS[word] for word in get(key, "").lower().split() if word in METAS), None)
        if name:
            yield "meta " + name, get("content")
            return


def of_element(tag, get):
    if tag == HTML + "img":
        for attribute in ("src", "data-src"):
            yield "img@" + attribute, get(attribute)
    if tag in (HTML + "img", HTML + "source"):
        for url in srcset(get("srcset", "")):
            yield tag[len(HTML):] + "@srcset", url
    if tag == SVG + "image":
        for attribute in ("href", XLINK):
            yield "svg image@href", get(attribute)
    if tag == HTML + "link":
        yield from of_link(get)
    if tag == HTML + "meta":
        yield from of_meta(get)
    if tag == HTML + "video":
        yield "video@poster", get("poster")
    if tag == HTML + "input" and get("type", "").strip().lower() == "image":
        yield "input@src", get("src")
    for name, attribute in (("a", "href"), ("area", "href"), ("iframe", "src"), ("frame", "src")):
        if tag == HTML + name and not (get(attribute) or "").strip().lower().startswith(NO_LINK):
            yield f"{name}@{attribute}", get(attribute)


COMPARED = re.compile(r"img@(src|srcset|data-src)|source@srcset|svg image@href|link (?!image|logo)|link@imagesrcset|meta (?!image$)|video@poster|input@src|"
                      r"(a|area)@href|i?frame@src")


def reference(data):
    found, seen = Counter(), set()

    def walk(element, is_noscript):
        is_noscript = is_noscript or element.tag == HTML + "noscript"
        if isinstance(element.tag, str):
            for name, url in of_element(element.tag, element.attrib.get):
                url = re.sub(r"[\t\r\n]", "", (url or "").strip("".join(map(chr, range(33)))))
                is_image = not re.match(r"a@|area@|i?frame@|link stylesheet", name)
                is_again = name.startswith("a@") and (name, url) in found  # the tree repeats open links
                if url and not is_again and url[0] != "#" and not url.lower().startswith("about:") and not (is_noscript and is_image and url in seen):
                    found[name, url] += 1
                if is_image:
                    seen.add(url)
        for child in element:
            walk(child, is_noscript)
    sys.setrecursionlimit(100000)
    walk(html5lib.parse(data, useChardet=False), False)
    return found


def main():
    is_exact = sys.argv[1] == "--exact"
    program, *files = sys.argv[1 + is_exact:]
    ours = {name: Counter() for name in files}
    out = subprocess.run([program, *files], check=True, stdout=subprocess.PIPE).stdout
    for line in out.decode("utf-8", "replace").splitlines():
        name, element, url = line.split("\t")
        if COMPARED.match(element):
            ours[name][element, url] += not element.startswith("a@") or (element, url) not in ours[name]
    count, explained, wrong = Counter(), Counter(), 0
    for name in files:
        with open(name, "rb") as file:
            data = file.read()
        theirs = reference(data)
        for (element, url), n in theirs.items():
            count[element.split()[0].split("@")[0]] += n
        for side, more in (("imgweigh alone", ours[name] - theirs), ("html5lib alone", theirs - ours[name])):
            for (element, url), n in more.items():
                text = data.decode("utf-8", "replace")
                reason = next((reason for reason, of, holds in REASONS if side.startswith(of) and re.search(holds, text)), None)
                print(f"{name}: {side}: {element} {url} ({n}){': ' + reason if reason else ''}")
                explained[reason] += 1
                wrong += not reason
    most = 0 if is_exact else sum(count.values()) // 8
    print(f"{len(files)} pages, " + ", ".join(f"{n} {element}" for element, n in sorted(count.items())) +
          f"; {sum(explained.values())} differences, {wrong} of them without a reason")
    sys.exit(wrong > 0 or sum(explained.values()) > most)


main()
