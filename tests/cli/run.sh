#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# run.sh [NAME...]: runs the command-line tests tests/cli/NAME.test.sh, each in a folder of its own, and prints TAP. Where NAME.out
# stands beside, what the test prints must be that, ports and times aside; UPDATE=1 writes it anew.
set -u
here=$TOP/tests/cli
names=("$@")
[ ${#names[@]} -gt 0 ] || for file in "$here"/*.test.sh; do names+=("$(basename "$file" .test.sh)"); done
echo "1..${#names[@]}"

normalise() {
    sed -E -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e 's/localhost:[0-9]+/localhost:PORT/g' -e 's/ in [0-9.]+ s$/ in T s/' \
        -e 's/[0-9.]+ ms/T ms/g' -e "s|$1|WORK|g"
}

# Runs one test; prints its TAP line.
run_one() {
    local n=$1 name=$2 work status=0
    work=$(mktemp -d)
    (
        cd "$work" || exit 1
        # shellcheck disable=SC2064
        trap 'exec 9>&-; kill $(jobs -p) 2>/dev/null; wait 2>/dev/null' EXIT
        # shellcheck source=/dev/null
        . "$here/lib.sh"
        # shellcheck source=/dev/null
        . "$here/$name.test.sh"
    ) >"$work.log" 2>&1 || status=$?
    if [ $status -eq 0 ] && { [ -e "$here/$name.out" ] || [ -n "${UPDATE-}" ] && grep -q '^# snapshot' "$here/$name.test.sh"; }; then
        normalise "$work" <"$work.log" >"$work.seen"
        if [ -n "${UPDATE-}" ]; then
            cp "$work.seen" "$here/$name.out"
        elif ! diff -u "$here/$name.out" "$work.seen" >"$work.log"; then
            status=1
        fi
    fi
    case $status in
    0) echo "ok $n - $name" ;;
    77) echo "ok $n - $name # SKIP $(sed -n 's/^# SKIP //p' "$work.log" | head -n 1)" ;;
    *)
        echo "not ok $n - $name"
        tail -n 40 "$work.log" | sed 's/^/# /'
        ;;
    esac
    rm -rf "$work" "$work.log" "$work.seen"
}

n=0
for name in "${names[@]}"; do
    n=$((n + 1))
    run_one "$n" "$name"
done
