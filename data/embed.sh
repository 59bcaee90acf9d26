#!/bin/sh
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# embed.sh FILE... : writes C source that holds the profiles, so that the program works uninstalled.
set -eu
printf '/* Made by data/embed.sh from data/profiles. */\n#include "base/iw.h"\n#include "rules/rules.h"\n\n'
n=0
for file in "$@"; do
    printf 'static const unsigned char text_%d[] = {\n' "$n"
    od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
    printf '};\n'
    n=$((n + 1))
done
printf '\nconst struct iw_builtin_profile iw_builtin_profiles[] = {\n'
n=0
for file in "$@"; do
    name=$(basename "$file" .ini)
    printf '    {"%s", (const char *)text_%d, sizeof text_%d},\n' "$name" "$n" "$n"
    n=$((n + 1))
done
printf '};\nconst size_t iw_builtin_profile_count = IW_ARRAY_LEN(iw_builtin_profiles);\n'
