# snapshot: the report for people on terminals of 80 and 200 columns, with hosts, in other orders, coloured, and with links
start_origin
resolve=()
cdn=http://cdn.shop.test:$PORT long=http://static.images.very-long-name-of-a-host.example.test:$PORT other=http://img.test:$PORT
for host in cdn.shop.test static.images.very-long-name-of-a-host.example.test img.test; do
    resolve+=(--resolve "$host:$PORT:127.0.0.1")
done
query='the-query=of-a-catalogue-that-has-long-ones&session=0123456789abcdef0123456789abcdef'
printf '%s\n' "$cdn/ok/10x10.1000.png" "$cdn/ok/3000x2000.5000.jpg" "$cdn/ok/5000x2000.5000.jpg?$query" "$cdn/ok/9x9.30000000.png" \
    "$long/status/404/a.png" "$long/html/b.jpg" "$long/status/500/c.png" "$other/wrong-type/10x10.1000.png" "$cdn/ok/11x11.1000.png" \
    "$other/ok/1x1.900.png" >list.txt
# ports have five digits, so that all is cut alike
[ ${#PORT} -eq 5 ] || skip "port $PORT"
look() {
    local columns=$1
    shift
    env TERM=xterm-256color STDERR="$PWD/err.txt" timeout 60 python3 "$TOP/tests/cli/terminal.py" "$columns" \
        "$IMGWEIGH" "${resolve[@]}" --max-retries 0 -j 1 --host-concurrency 1 --lanes 1 "$@" list.txt |
        sed -E 's/:[0-9]{5}/:PORT/g; s/[0-9.]+ k?B read/N read/; s/[0-9]+ requests/N requests/'
}
for columns in 80 200; do
    echo "== $columns columns"
    look $columns --color never
done
echo "== in the order of the input, three of them"
look 80 --color never --sort input --top 3
echo "== the largest first"
look 80 --color never --sort size --top 2
echo "== colours and links"
FORCE_HYPERLINK=1 look 80 --color always --sort size --top 1
FORCE_HYPERLINK=0 look 80 --color always --sort size --top 1 | grep -c ']8;' || true
echo "== without UTF-8"
LC_ALL=C look 80 --color never --top 1 | sed -n '/^hosts/,/^$/p'
