#!/bin/sh
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Runs a unit test, with valgrind in front where IW_WRAP says so. cmocka calls a skipped test "not ok ... # SKIP": TAP wants "ok".
{ ${IW_WRAP:-} "$@"; echo "status $?"; } | sed 's/^not ok\(.*# SKIP\)/ok\1/' | {
    status=1
    while IFS= read -r line; do
        case $line in
        "status "*) status=${line#status } ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
    exit "$status"
}
