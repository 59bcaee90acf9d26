# Lanes share nothing: whatever their number, every reference has one record with the same facts, also where redirects
# lead to hosts of other lanes and targets are named again while they wait, are asked about, or have been told.
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || skip "nginx is not installed"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
make_images www
rm -f www/img/heavy.png
mkdir ngx
cat >nginx.conf <<CONF
daemon off; worker_processes 1; pid $PWD/nginx.pid; error_log $PWD/nginx.log;
events { worker_connections 1024; }
http {
    access_log $PWD/access.log;
    client_body_temp_path ngx/a; proxy_temp_path ngx/b; fastcgi_temp_path ngx/c; uwsgi_temp_path ngx/d; scgi_temp_path ngx/e;
    types { image/jpeg jpg; image/png png; image/gif gif; image/bmp bmp; }
    server {
$(for host in 1 2 3 4 5 6 7 8; do echo "        listen 127.0.0.$host:$port;"; done)
        root $PWD/www;
        location ~ ^/to/(\d)/(.*)\$ { return 302 http://127.0.0.\$1:$port/img/\$2; }
        location ~ ^/chain/(\d)/(.*)\$ { return 302 http://127.0.0.\$1:$port/to/3/\$2; }
    }
}
CONF
chmod -R a+rX "$PWD"
"$nginx" -p "$PWD" -c "$PWD/nginx.conf" -e "$PWD/nginx.log" &
for _ in $(seq 100); do [ -s nginx.pid ] && break; sleep 0.05; done
for round in 1 2 3; do
    for host in 1 2 3 4 5 6 7 8; do
        for image in photo-01.jpg drawing-1.png icon-1.gif tall.jpg missing.jpg; do
            echo "http://127.0.0.$host:$port/img/$image"
            echo "http://127.0.0.$host:$port/to/$((9 - host))/$image"
            echo "http://127.0.0.$host:$port/chain/$((host % 8 + 1))/$image"
        done
    done
done >list.txt
for lanes in 1 2 5; do
    status 1 imgweigh -q -f jsonl --lanes $lanes list.txt >lanes$lanes.jsonl
    field url verdict rules bytes width height final_url status source.line <lanes$lanes.jsonl | sort >lanes$lanes.facts
done
same "$(wc -l <list.txt)" "$(wc -l <lanes1.facts)" records
cmp lanes1.facts lanes2.facts || fail "two lanes differ from one"
cmp lanes1.facts lanes5.facts || fail "five lanes differ from one"
# one target, one question: all three rounds together cost what one does
status 1 imgweigh -q -f jsonl --lanes 5 --method range list.txt >first.jsonl
requests=$(field url requests <first.jsonl | sort -u | awk '{sum += $2} END {print sum}')
: >access.log
kill -USR1 "$(cat nginx.pid)" 2>/dev/null
status 1 imgweigh -q -f jsonl --lanes 5 --method range list.txt >second.jsonl
same "$requests" "$(grep -c GET access.log)" "requests"
