# A real server: HTTP/1.1, HTTP/2 over TLS, ranges. The same facts by each, and the certificate matters.
make_images www
start_nginx "$PWD/www"
(cd www && find img -type f | sort) >names.txt
sed "s|^|$NGINX/|" names.txt >plain.txt
sed "s|^|$NGINX_TLS/|" names.txt >tls.txt
status 1 imgweigh -q -f jsonl plain.txt >plain.jsonl
status 1 imgweigh -q -f jsonl --cacert cert.pem tls.txt >tls.jsonl
facts() { field url verdict rules bytes width height format orientation | sed 's|^[a-z]*://[^/]*||' | sort; }
facts <plain.jsonl >plain.facts
facts <tls.jsonl >tls.facts
cmp plain.facts tls.facts || fail "HTTP/1.1 and HTTP/2 differ"
same "$(wc -l <names.txt)" "$(wc -l <plain.facts)" records
same "2" "$(field http <tls.jsonl | sort -u)" "HTTP version over TLS"
same "1.1" "$(field http <plain.jsonl | sort -u)" "HTTP version"
grep -q '^/img/portrait.jpg ok - [0-9]* 900 1200 jpeg 6$' plain.facts || fail "the portrait is not turned"
status 1 imgweigh -q -f jsonl "$NGINX_TLS/img/icon-1.gif" >untrusted.jsonl
same "broken tls-failure" "$(field verdict rules <untrusted.jsonl)"
status 0 imgweigh -q -f jsonl --insecure --http1.1 "$NGINX_TLS/img/icon-1.gif" >insecure.jsonl
same "ok 1.1" "$(field verdict http <insecure.jsonl)"
