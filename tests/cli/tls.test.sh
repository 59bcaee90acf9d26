# TLS and HTTP/2 that go wrong: certificates that have expired, name another, or are of nobody; silence, junk and an end in the
# handshake; a redirect from https to http; and HTTP/2 by h2.tsv, several streams of a connection at once.
python_with h2 || skip "python3-h2 is not installed"
command -v openssl >/dev/null || skip "openssl is not installed"
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.crt" -days 2 -subj "/CN=$1" 2>/dev/null
}
# certificate NAME SUBJECT DAYS AUTHORITY
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
    echo "subjectAltName=DNS:$2" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$4.crt" -CAkey "$4.key" -CAcreateserial -out "$1.crt" -days "$3" -extfile "$1.ext" 2>/dev/null
    cat "$1.key" "$1.crt" >"$1.pem"
}
authority trusted
authority stranger
certificate good '*.faults.test' 2 trusted
certificate expired '*.faults.test' -1 trusted
certificate wrong 'another.test' 2 trusted
certificate untrusted '*.faults.test' 2 stranger
start_origin
plain=${ORIGIN##*:}
start_server h2_origin --certs . --log h2.log

cat >handshakes.txt <<END
expired broken tls-failure 1 6000
wrong broken tls-failure 1 6000
untrusted broken tls-failure 1 6000
cut broken tls-failure 1 6000
plain broken tls-failure 1 6000
silent unknown timeout 2 6000
fine ok - 2 6000
END
resolve=(--resolve "downgraded.faults.test:$plain:127.0.0.1")
while read -r name _; do
    resolve+=(--resolve "$name.faults.test:$PORT:127.0.0.1")
    echo "https://$name.faults.test:$PORT/ok/31x17.3000.png"
done <handshakes.txt >list.txt
run() { imgweigh --max-retries 0 -t 20s -q -f jsonl --cacert trusted.crt "$@"; }
status 1 run --connect-timeout 1s "${resolve[@]}" list.txt >out.jsonl
while read -r name verdict rules requests ms; do
    grep -F "//$name.faults" out.jsonl | field verdict rules requests ms | awk -v most="$requests" -v ms="$ms" \
        '{print $1, $2; if ($3 > most || $4 > ms) print "too much:", $0}' >found.txt
    same "$verdict $rules" "$(cat found.txt)" "$name"
done <handshakes.txt

# from https to http, and on: two answers, and the record says where it ended
resolve+=(--resolve "f0a.faults.test:$PORT:127.0.0.1")
for http in "" --http1.1; do
    echo "https://f0a.faults.test:$PORT/redirect-to/?to=http://downgraded.faults.test:$plain/ok/10x10.4321.png" >moved.txt
    # shellcheck disable=SC2086
    status 0 run $http "${resolve[@]}" moved.txt >out.jsonl
    same "ok 4321 http://downgraded.faults.test:$plain/ok/10x10.4321.png" "$(field verdict bytes final_url <out.jsonl)"
done

# HTTP/2
faults h2.tsv "$PORT" https --cacert trusted.crt --host-concurrency 4 -j 32
same 2 "$(grep -h '"verdict":"ok"' quick.jsonl slow.jsonl | field http | sort -u)" "HTTP version"

# HEAD and GET side by side on one connection: each has its answer at once, none waits for a time-out
resolve=()
for host in $(seq 20); do
    resolve+=(--resolve "f$host.faults.test:$PORT:127.0.0.1")
    echo "https://f$host.faults.test:$PORT/redirect-to/?to=file:///etc/$host"
    seq -f "https://f$host.faults.test:$PORT/ok/640x480.5%03.0f.png" 3
done >list.txt
status 1 run --host-concurrency 4 -j 32 "${resolve[@]}" list.txt >out.jsonl
same 60 "$(grep -c '"verdict":"ok"' out.jsonl)" "answers side by side"
same "" "$(field ms url <out.jsonl | awk '$1 > 10000')" "answers that waited"
