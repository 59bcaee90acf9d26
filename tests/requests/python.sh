#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Random request files mean to imgweigh what they mean to Python's json: what is JSON, which strings are images, and what
# their spans say (REQUESTS_SEED, REQUESTS_COUNT: others, more of them). TAP.
set -u
echo 1..1
calls=$BUILD/tests/requests/calls
if [ ! -x "$calls" ]; then
    echo "ok 1 # SKIP tests/requests/calls is not built"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if out=$(python3 "$TOP/tests/requests/compare.py" "$calls" "$work" "${REQUESTS_COUNT:-3000}" "${REQUESTS_SEED:-1}" 2>&1); then
    echo "ok 1 - as Python: $(tail -n 1 <<<"$out")"
else
    echo "not ok 1 - as Python"
    cut -c1-1000 <<<"$out" | sed 's/^/# /' | tail -n 40
fi
