# Which certificates servers are checked against: read once for all lanes and multi handles, by libcurl's rules.
command -v openssl >/dev/null || skip "openssl is not installed"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
# sign NAME AUTHORITY EXTENSION: NAME.crt
sign() {
    key "$1"
    openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
    openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days 2 -out "$1.crt" -extfile <(echo "$3") 2>/dev/null
}
key root
openssl req -x509 -key root.key -out root.crt -days 2 -subj /CN=root
sign between root "basicConstraints=critical,CA:TRUE"
sign leaf between "subjectAltName=DNS:*.trust.test"
mv leaf.key key.pem
mv leaf.crt cert.pem # without the certificate between: nginx shows half of a chain
make_images www
start_nginx "$PWD/www"
port=${NGINX_TLS##*:}
resolve=()
for host in $(seq 40); do
    resolve+=(--resolve "h$host.trust.test:$port:127.0.0.1")
    echo "https://h$host.trust.test:$port/img/icon-1.gif"
done >list.txt
ask() { imgweigh -q -f jsonl --lanes 2 "${resolve[@]}" "$@"; }
verdicts() { field verdict rules | sort | uniq -c | sed 's/^ *//'; }

status 0 ask --cacert between.crt list.txt >between.jsonl
same "40 ok -" "$(verdicts <between.jsonl)" "a certificate between is trusted like a root"
head -n 1 list.txt >one.txt
status 1 ask --cacert root.crt one.txt >root.jsonl
same "1 broken tls-failure" "$(verdicts <root.jsonl)" "half of a chain"
status 1 ask one.txt >system.jsonl
same "1 broken tls-failure" "$(verdicts <system.jsonl)" "a stranger to the system"
for file in nobody.crt list.txt; do
    status 2 ask --cacert $file one.txt >nobody.jsonl 2>nobody.txt
    same "imgweigh: no certificates can be read from $file" "$(cat nobody.txt)"
done

command -v strace >/dev/null || skip "strace is not installed"
strace -f -qq -e trace=openat,open -o calls.txt "$IMGWEIGH" -q -f jsonl --lanes 2 "${resolve[@]}" --cacert between.crt list.txt >traced.jsonl
same "40 ok -" "$(verdicts <traced.jsonl)"
same 1 "$(grep -c between.crt calls.txt)" "times that the certificates are read"
