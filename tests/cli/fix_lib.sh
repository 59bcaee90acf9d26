# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# What the tests of fix share, beside lib.sh.
[ -x "$(dirname "$IMGWEIGH")/imgweigh-worker" ] || skip "the workers are not built (without fix)"

# Pillow, where it is installed at all.
python_with PIL || true

# actions: "NAME ACTION REASON" of each JSON line on standard input, sorted; NAME is the last part of the URL
actions() { field url action reason | sed -E 's|^[^ ]*/||; s| null$||' | LC_ALL=C sort; }

# results FOLDER <RECORDS: every result is opened by somebody else's decoder, has the bytes, size and format that the record
# states, and lies in FOLDER afterwards, each under a number of its own
results() { python3 "$TOP/tests/cli/fix_results.py" "$1" || fail "results are not what their records say"; }

# records_valid FILE...: every line is what doc/schema/fix.schema.json says
records_valid() {
    local file
    for file in "$@"; do
        (python_with jsonschema || { echo "# not validated: python3-jsonschema is not installed"; exit 0; }
        python3 "$TOP/tests/cli/schema_valid.py" "$TOP/doc/schema/fix.schema.json" <"$file") || fail "$file is not what the schema says"
    done
}

# picture FILE WIDTH HEIGHT [SEED]: a BMP that no JPEG makes small: noise
picture() {
    python3 - "$@" <<'PY'
import random, struct, sys
name, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
row = (width * 3 + 3) // 4 * 4
pixels = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1).randbytes(row * height)
open(name, "wb").write(b"BM" + struct.pack("<IIIIiiHHIIiiII", 54 + len(pixels), 0, 54, 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels)
PY
}

# isolated: copies of the programs in the test's own folder, so that their processes can be told from others
isolated() {
    mkdir -p bin
    cp "$(dirname "$IMGWEIGH")"/imgweigh "$(dirname "$IMGWEIGH")"/imgweigh-worker* bin/
    IMGWEIGH=$PWD/bin/imgweigh
}

# strays: processes of those copies
strays() { pgrep -f "^$PWD/bin/" || true; }
no_strays() {
    local found
    for _ in $(seq 40); do
        found=$(strays)
        [ -z "$found" ] && return
        sleep 0.05
    done
    fail "processes are left: $found"
}
