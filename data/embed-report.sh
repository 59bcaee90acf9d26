#!/bin/sh
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# embed-report.sh CSS JS : writes C source that holds the style sheet and the script of the HTML report, each with its digest as a
# Content-Security-Policy spells it.
set -eu
printf '/* Made by data/embed-report.sh from data/report. */\n#include "base/iw.h"\n#include "report/html.h"\n\n'
for file in "$@"; do
    name=${file##*.}
    # 64 hexadecimal digits to 32 bytes to base64
    digest=$(printf "$(sha256sum <"$file" | cut -c 1-64 | sed 's/../0x& /g' | xargs printf '\\%03o')" | base64)
    printf 'static const unsigned char %s[] = {\n' "$name"
    od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
    printf '};\nconst struct iw_html_asset iw_html_%s = {(const char *)%s, sizeof %s, "sha256-%s"};\n\n' "$name" "$name" "$name" "$digest"
done
