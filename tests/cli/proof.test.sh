# HEAD alone, many of them on few connections: what waits for proof is proven by a range now and then, and nobody is blamed.
mkdir www && head -c 5000 /dev/zero >www/a.jpg
start_nginx www
seq -f "$NGINX/a.jpg?%.0f" 30000 >list.txt
imgweigh -q -f jsonl -p none --max-bytes 20MB --dims never -j 16 --host-concurrency 16 list.txt >out.jsonl || fail "exit status $?"
same 30000 "$(grep -c '"bytes":5000,' out.jsonl)" "right sizes"
same "" "$(field requests <out.jsonl | sort | uniq -c | awk '$2 != 1 && $1 > 30')" "requests for each"
ranged=$(grep -c '"bytes_from":"content-range"' out.jsonl)
[ "$ranged" -le 3000 ] || fail "$ranged of 30000 were asked for by a range"
