#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""Makes a batch file for a vision API out of images of the catalogue: make-batch.py FOLDER BASE-URL >batch.jsonl

Some images are inline, some are named by URL; of seven, two fit, four break a limit and one is labelled wrongly. The numbers
are written as no JSON library would write them again.
"""
import base64
import json
import sys


def main():
    folder, base = sys.argv[1:]

    def inline(name, kind):
        with open(f"{folder}/img/{name}", "rb") as file:
            return f"data:image/{kind};base64,{base64.b64encode(file.read()).decode()}"

    requests = [
        ("kept", [f"{base}/img/photo-01.jpg", inline("photo-02.jpg", "jpeg")]),
        ("too-wide", [inline("wide.png", "png")]),
        ("too-tall", [inline("tall.jpg", "jpeg")]),
        ("too-heavy", [f"{base}/img/heavy.png"]),
        ("wrong-format", [inline("scan.bmp", "bmp")]),
        ("wrong-label", [inline("mislabelled.jpg", "jpeg")]),
    ]
    for custom_id, urls in requests:
        content = [{"type": "text", "text": "What is shown?"}]
        content += [{"type": "image_url", "image_url": {"url": url, "detail": "high"}} for url in urls]
        body = {"model": "gpt-4o", "temperature": "TEMPERATURE", "messages": [{"role": "user", "content": content}]}
        line = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
        print(json.dumps(line).replace('"TEMPERATURE"', "1.0e0"))


main()
