#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Replays the seeds of every fuzz target, and where there is one the corpus of hostile files. TAP.
set -u
targets=("$TOP"/tests/fuzz/fuzz_*.c)
echo "1..${#targets[@]}"
n=0
for target in "${targets[@]}"; do
    name=$(basename "$target" .c)
    name=${name#fuzz_}
    n=$((n + 1))
    files=("$TOP/tests/fuzz/$name.in"/*)
    if [ ! -x "$BUILD/tests/fuzz/fuzz_$name" ]; then
        echo "ok $n - $name # SKIP not built"
        continue
    fi
    case $name in image)
        [ -d "${IW_CORPUS:-/nonexistent}/hostile" ] && mapfile -t -O "${#files[@]}" files < <(find "$IW_CORPUS/hostile" -type f)
        ;;
    esac
    if out=$(timeout 120 "$BUILD/tests/fuzz/fuzz_$name" "${files[@]}" 2>&1); then
        echo "ok $n - $name: $out"
    else
        echo "not ok $n - $name"
        echo "$out" | sed 's/^/# /' | head -n 40
    fi
done
