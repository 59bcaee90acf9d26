#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Every output format, by whatever reads it elsewhere: official schemas, promtool, TAP::Parser, cmark-gfm, XML and HTML
# parsers (check.py), on made-up records (feed.c): plain ones, hostile ones, such that stand beside a run before, and
# of a run that was not finished; and how much memory they take. TAP.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
formats=$(sed -n 's/^IW_WRITER(\(.*\))/\1/p' "$TOP/src/report/writers.def" | tr _ - | grep -vx -e text -e html)
PATH=$PATH:/usr/sbin
python3 -c 'import jsonschema, html5lib' 2>/dev/null || PATH=/usr/bin:$PATH
plan=0
for format in $formats; do
    for kind in plain changes hostile incomplete large; do plan=$((plan + 1)); done
done
large=(jsonl csv sarif)
echo "1..$((plan + ${#large[@]}))"
n=0
for format in $formats; do
    for kind in plain changes hostile incomplete large; do
        n=$((n + 1))
        count=1000 as=$kind
        # beyond what any format takes; parsed by others only where that is quick
        [ $kind = large ] && count=60000 as=plain
        if [ $kind = large ] && [[ $format = jsonl || $format = json || $format = csv || $format = tap ]]; then
            echo "ok $n - $format $kind # SKIP the format knows no limit"
            continue
        fi
        status=0
        "$BUILD/tests/report/feed" "$format" $count $as >"$work/report" 2>"$work/err" &&
            python3 "$TOP/tests/report/check.py" "$format" $as $count "$work/report" >"$work/said" 2>&1 || status=$?
        case $status in
        0) echo "ok $n - $format $kind" ;;
        77) echo "ok $n - $format $kind # $(cat "$work/said")" ;;
        *)
            echo "not ok $n - $format $kind"
            cat "$work/err" "$work/said" | tail -n 12 | sed 's/^/# /'
            ;;
        esac
    done
done

# a million records take no more memory than a thousand, or, where the worst are kept, than those
for format in "${large[@]}"; do
    n=$((n + 1))
    if nm "$BUILD/tests/report/feed" 2>/dev/null | grep -q '__asan\|__tsan'; then
        echo "ok $n - memory of $format # SKIP an allocator of another kind is in place"
        continue
    fi
    "$BUILD/tests/report/feed" "$format" 1000000 2>"$work/err" >/dev/null
    peak=$(sed -n 's/.*, peak \([0-9]*\).*/\1/p' "$work/err")
    [ -n "$peak" ] && [ "$peak" -le 200 ] && echo "ok $n - memory of $format, $peak MB" || echo "not ok $n - memory of $format, $peak MB"
done
