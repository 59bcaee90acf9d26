#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# make bench-fix: recompression beside peers: the same pictures into 1280x960 at quality 85 by imgweigh's pixels, by sharp
# (npm) and by the Pillow recipe, in turn. ROUNDS rounds (7) after one that warms up. IMAGES: a folder where the pictures
# are kept (else made anew, which takes a minute or two); PHOTOS: a folder of photographs that are judged and timed as
# well; SECTIONS: what to run (core cores quality command). Peers that cannot be had are left out, and said to be.
set -euo pipefail
rounds=${ROUNDS:-7} sections=${SECTIONS:-core cores quality command}
here=$TOP/tests/bench
bench=$BUILD/tests/bench/bench_pixels
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
images=${IMAGES:-$work/images}
cores=$(nproc)
export OMP_NUM_THREADS=1

if ! "$python" -c 'import numpy, PIL' 2>/dev/null; then
    echo "the pictures are made with numpy and Pillow (python3-numpy, python3-pil): not installed" >&2
    exit 77
fi
"$python" "$here/make-photos.py" "$images"
pictures=("$images"/*)
[ -z "${PHOTOS:-}" ] || pictures+=("$PHOTOS"/*)

sharp=
if command -v npm >/dev/null; then
    mkdir "$work/npm"
    if (cd "$work/npm" && npm install --silent --no-audit --no-fund sharp >/dev/null 2>&1); then
        sharp=$(cd "$work/npm" && node -p 'const v = require("sharp").versions; `sharp ${v.sharp}, libvips ${v.vips}, zlib-ng ${v["zlib-ng"]}, libwebp ${v.webp}`')
    fi
fi
echo "imgweigh: $("$bench" --versions)"
echo "$("$python" -c 'import PIL.features as f; print("Pillow", f.version("pil"), "with libjpeg-turbo", f.version("libjpeg_turbo"), "and zlib", f.version("zlib"))')"
echo "${sharp:-sharp cannot be installed}"
echo "$cores cores, $rounds rounds"

# peers JOBS OUR-FLAGS: the commands in $commands, their results below $work/JOBS
peers() {
    local jobs=$1
    mkdir -p "$work/$jobs/imgweigh" "$work/$jobs/sharp" "$work/$jobs/pillow"
    commands=("imgweigh=$bench --fork --jobs $jobs --out $work/$jobs/imgweigh 1")
    [ "$jobs" -gt 1 ] || commands+=("imgweigh, one process=$bench 1")
    [ -z "$sharp" ] || commands+=("sharp=env -C $work/npm node $here/sharp.mjs $jobs $work/$jobs/sharp")
    commands+=("Pillow=$python $here/pillow-recipe.py $jobs $work/$jobs/pillow")
}

section_core() {
    echo "One picture at a time, one thread"
    peers 1
    "$python" "$here/take-turns.py" "$rounds" "${commands[@]}" -- "${pictures[@]}"
}

section_cores() {
    echo "$((cores * 4)) pictures at a time, $cores cores: wall time of one"
    peers "$cores"
    "$python" "$here/take-turns.py" "$rounds" "${commands[@]}" -- "${pictures[@]}"
}

section_quality() {
    echo "Luma against a floating-point reference"
    if [ ! -d "$work/1" ]; then
        peers 1
        "$python" "$here/take-turns.py" 0 "${commands[@]}" -- "${pictures[@]}" >/dev/null
    fi
    "$python" "$here/judge.py" "imgweigh=$work/1/imgweigh" "Pillow=$work/1/pillow" "sharp=$work/1/sharp" -- "${pictures[@]}"
}

# The whole command over a folder of 500 photographs: one worker, then one for each core.
section_command() {
    local program=${IMGWEIGH:?the path of the program} folder=$work/many
    mkdir -p "$folder"
    for n in $(seq 500); do ln -f "$images/12mp-420.jpg" "$folder/$n.jpg" 2>/dev/null || cp "$images/12mp-420.jpg" "$folder/$n.jpg"; done
    echo "imgweigh fix over 500 photographs of 12 megapixels, files written"
    command() { echo "$program fix -q -p none --fit 1280x960 --workers $1 --force --out-dir $work/fixed-$1 $folder"; }
    "$python" "$here/measure.py" "$rounds" 500 "1 worker=$(command 1)" "$cores workers=$(command "$cores")"
    echo "results: $(find "$work/fixed-$cores" -name '*.jpg' | wc -l), $(cd "$work" && diff -rq fixed-1 "fixed-$cores" | wc -l) of them differ by the number of workers"
}

for section in $sections; do
    echo
    "section_$section"
done
