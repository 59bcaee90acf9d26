#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# The same images and links as html5lib, an independent HTML5 parser, finds: in pages of Debian's documentation packages
# (PAGES=all: in each of them), and in pages of random tags. TAP.
set -u
packages=(bzip2-doc debian-faq leveldb-doc libcairo2-doc libopus-doc librsvg2-doc libtasn1-doc libusb-1.0-doc python-babel-doc
    python-jinja2-doc python-mako-doc python-markdown-doc)
echo 1..2
leads=$BUILD/tests/pages/leads
if ! /usr/bin/python3 -c 'import html5lib' 2>/dev/null || [ ! -x "$leads" ]; then
    for n in 1 2; do echo "ok $n # SKIP python3-html5lib is not installed"; done
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# judge NUMBER NAME [--exact] LEADS-PROGRAM FILE...
judge() {
    local number=$1 name=$2 out
    shift 2
    if out=$(/usr/bin/python3 "$TOP/tests/pages/compare.py" "$@" 2>&1); then
        echo "ok $number - $name: $(tail -n 1 <<<"$out")"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' <<<"$out" | tail -n 40
    fi
}

files=() found=0
for package in "${packages[@]}"; do
    mapfile -t pages < <(dpkg-query -L "$package" 2>/dev/null | grep -E '\.html?$' | LC_ALL=C sort |
        while read -r page; do [ -f "$page" ] && { [ "${PAGES-}" = all ] || [ "$(stat -c %s "$page")" -lt 130000 ]; } && echo "$page"; done)
    [ ${#pages[@]} -gt 0 ] && found=$((found + 1))
    [ "${PAGES-}" = all ] || pages=("${pages[@]:0:12}")
    files+=("${pages[@]}")
done
if [ "$found" -lt 10 ]; then
    echo "ok 1 # SKIP pages of $found documentation packages are installed, not of ten"
else
    judge 1 "pages of $found packages" --exact "$leads" "${files[@]}"
fi
python3 "$TOP/tests/pages/soup.py" "$work" 400 1
judge 2 "random tags" "$leads" "$work"/*.html
