#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# What machines can check of the house: layers, purity, headers, tables against words, sizes. TAP.
set -u
cd "$TOP" || exit 1
cc=${CC:-cc}
checks=(layers purity headers banned globals lines functions banners options rules limits formats exits manuals words)
echo "1..${#checks[@]}"

sources() { find src tests -name '*.[ch]' | LC_ALL=C sort; }

# A folder may include its own files, base, and the front doors and third-party headers that layers.txt grants it.
check_layers() {
    awk -F: '
    function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
    FILENAME == "src/layers.txt" { if ($0 !~ /^#/ && NF >= 3) { f = trim($1); doors[f] = " " trim($2) " "; third[f] = trim($3) } next }
    /^[ \t]*#[ \t]*include/ {
        split(FILENAME, path, "/"); folder = path[2]
        if (match($0, /"[^"]+"/)) {
            inc = substr($0, RSTART + 1, RLENGTH - 2); split(inc, part, "/"); to = part[1]
            if (to == folder || to == "base") next
            if (index(doors[folder], " " to " ") == 0) print FILENAME ":" FNR ": " folder " may not open " inc
            else if (inc != to "/" to ".h" && inc !~ /\.def$/) print FILENAME ":" FNR ": " inc " is not the front door of " to
        } else if (match($0, /<[^>]+>/)) {
            inc = substr($0, RSTART + 1, RLENGTH - 2)
            if (inc ~ /^(std(arg|bool|def|int|io|lib)|string|errno|limits|assert|inttypes|pthread|getopt|ctype|math|poll)\.h$/ || inc == "config.h") next
            n = split(third[folder], ok, " "); found = 0
            for (i = 1; i <= n; i++) if (index(inc, ok[i]) == 1) found = 1
            if (!found) print FILENAME ":" FNR ": " folder " may not use <" inc ">"
        }
    }' src/layers.txt $(find src -name '*.[ch]' | LC_ALL=C sort)
}

check_purity() {
    grep -nE '#include <(curl|uv|time|sys/|unistd|fcntl|pthread)' src/image/* src/probe/* src/rules/* || true
    grep -nE '\b(printf|fopen|time|clock_gettime|getenv|exit|abort) *\(' src/image/*.c src/probe/*.c src/rules/*.c src/report/*.c src/url/*.c src/source/*.c |
        grep -v 'iw_[a-z]*_printf' || true
}

check_headers() {
    local header flags
    flags=$(pkg-config --cflags libcurl libuv libxml-2.0 libpcre2-8 2>/dev/null)
    for header in src/*/*.h; do
        # shellcheck disable=SC2086
        echo "#include \"${header#src/}\"" |
            $cc -std=c17 -D_GNU_SOURCE -DPACKAGE_VERSION='""' -Wall -Wextra -Werror -Isrc $flags -x c -fsyntax-only - 2>&1 |
            sed "s|^<stdin>|$header|" | head -n 2
    done
}

check_banned() {
    grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|alloca|rand|strncpy) *\(' $(find src -name '*.[ch]') || true
    grep -nE '\b(malloc|calloc|realloc|free) *\(' $(find src -name '*.c' ! -path src/base/mem.c) |
        grep -vE 'iw_[a-z0-9_]*(malloc|calloc|realloc|free) *\(|[a-z0-9_](malloc|calloc|realloc|free) *\(|free\(entries' || true
}

# No mutable data at file scope: nothing of ours in .data or .bss.
check_globals() {
    [ -e "$BUILD/libimgweigh.a" ] || return
    nm "$BUILD/libimgweigh.a" 2>/dev/null | grep -q '__asan\|__tsan\|__sancov' && return
    objdump -t "$BUILD/libimgweigh.a" 2>/dev/null | awk '/file format/ {file = $1}
        {for (i = 2; i < NF; i++) if ($i == ".data" || $i == ".bss" || $i == "*COM*") {
            if ($NF !~ /^\./ && $(i + 1) !~ /^0+$/) print file " has mutable data: " $NF; break}}'
}

check_lines() {
    grep -nE '[[:space:]]+$' $(sources) | head -n 5 || true
    grep -nP '\t' $(sources) | head -n 5 || true
    awk 'length($0) > 120 {print FILENAME ":" FNR ": longer than 120 columns"}' $(sources) | head -n 5
    wc -l $(sources) | awk '$2 != "total" && $1 > 620 {print $2 ": " $1 " lines"}'
}

check_functions() {
    awk 'FNR == 1 {start = 0} /^[a-zA-Z].*[^;]$/ && !/^(struct|enum|static const struct|#|typedef)[^(]*$/ {name = $0}
        /^\{/ {start = FNR; head = name} /^\}/ && start {if (FNR - start > 80) print FILENAME ":" start ": " FNR - start " lines: " head; start = 0}' \
        $(find src -name '*.c')
}

check_banners() {
    local file
    for file in $(sources); do
        head -n 2 "$file" | tr '\n' ' ' | grep -q 'Copyright (c) 2026 the imgweigh authors.*SPDX-License-Identifier: MIT' || echo "$file: no banner"
    done
}

# same NAME-OF-A NAME-OF-B: both lists come on file descriptors 3 and 4
same() {
    local a b
    a=$(sort -u <&3)
    b=$(sort -u <&4)
    diff <(echo "$a") <(echo "$b") | sed -n "s/^< /only in $1: /p; s/^> /only in $2: /p"
}

options_table() { sed -n 's/^IW_OPTION("\([^"]*\)".*/\1/p' src/cli/options.def; }
check_options() {
    same options.def imgweigh.1 3< <(options_table) 4< <(sed -n 's/^\.It \(Fl . , \)\{0,1\}Fl -\([^ ]*\).*/\2/p' doc/imgweigh.1)
    same options.def --help 3< <(options_table) 4< <("$IMGWEIGH" --help | sed -n 's/^  \(-., \|    \)--\([^ ]*\).*/\2/p')
}

check_rules() {
    local table schema
    table=$(sed -n 's/^IW_RULE([^,]*, "\([^"]*\)".*/\1/p' src/rules/rules.def)
    same rules.def imgweigh-record.5 3<<<"$table" 4< <(sed -n '/^\.Sh RULES/,/^\.El/s/^\.It \([a-z0-9-]*\) (.*/\1/p' doc/imgweigh-record.5)
    for schema in record fix; do
        same rules.def $schema.schema.json 3<<<"$table" 4< <(python3 -c '
import json, sys
print(*json.load(open(sys.argv[1]))["$defs"]["finding"]["properties"]["rule"]["enum"], sep="\n")' doc/schema/$schema.schema.json)
    done
}

check_limits() {
    local key
    sed -n 's/^IW_LIMIT(\([a-z0-9_]*\),.*/\1/p' src/rules/limits.def | while read -r key; do
        grep -qw "$key" doc/imgweigh-profile.5 || echo "limit $key is not in imgweigh-profile.5"
    done
}

check_formats() {
    local name
    sed -n 's/^IW_\(IMAGE_FORMAT\|WRITER\)(\([a-z0-9]*\).*/\2/p' src/image/formats.def src/report/writers.def | while read -r name; do
        grep -qw "$name" doc/imgweigh.1 || echo "format $name is not in imgweigh.1"
    done
    sed -n 's/^IW_SOURCE(\([a-z]*\),.*/\1/p' src/source/sources.def | while read -r name; do
        grep -qw "$name" doc/imgweigh.1 || echo "input kind $name is not in imgweigh.1"
    done
    same record.5 schema 3< <(sed -n '/^\.Sh KEYS/,/^\.El/s/^\.It Va \([a-z_0-9 ,]*\) (.*/\1/p' doc/imgweigh-record.5 | tr -d ' ' | tr ',' '\n') 4< <(python3 -c '
import json
print(*json.load(open("doc/schema/record.schema.json"))["$defs"]["record"]["properties"], sep="\n")')
    same "fix records" schema 3< <(sed -n '/^\.Sh FIX RECORDS/,/^\.Sh [^F]/s/^\.It Va \([a-z_0-9 ,]*[a-z]\).*/\1/p' doc/imgweigh-record.5 | tr -d ' ' | tr ',' '\n') 4< <(python3 -c '
import json
print(*json.load(open("doc/schema/fix.schema.json"))["$defs"]["record"]["properties"], sep="\n")')
}

check_exits() {
    local n
    for n in 0 1 2 3 4; do
        sed -n '/^\.Sh EXIT STATUS/,/^\.El/p' doc/imgweigh.1 | grep -qx "\.It $n" || echo "exit status $n is not in imgweigh.1"
        "$IMGWEIGH" --help | sed -n '/^Exit status/,$p' | grep -q "^  $n  " || echo "exit status $n is not in --help"
    done
}

check_manuals() {
    command -v mandoc >/dev/null || { echo "SKIP mandoc is not installed"; return; }
    local page
    for page in doc/*.[15]; do mandoc -Tlint -W warning "$page"; done
}

# Plain words only: no path of a machine, nothing left to be done without a sentence.
check_words() {
    grep -rnE '/root/|TODO|FIXME|XXX' README.md ARCHITECTURE.md HACKING.md CONTRIBUTING.md SECURITY.md src doc data examples \
        tests --include='*' 2>/dev/null | grep -vE 'XXXXXX|tests/lint/lint.sh|mktemp|^src/report/tap.c:.*TODO waived|^tests/report/.*# TODO' || true
}

n=0
for check in "${checks[@]}"; do
    n=$((n + 1))
    found=$("check_$check" 2>&1)
    case $found in
    '') echo "ok $n - $check" ;;
    SKIP*) echo "ok $n - $check # $found" ;;
    *)
        echo "not ok $n - $check"
        sed 's/^/# /' <<<"$found" | head -n 20
        ;;
    esac
done
