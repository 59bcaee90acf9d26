# --robots: what robots.txt says of each host, asked for once. One server plays them all, by their names.
start_origin
resolve=()
for host in rules late hops5 hops6 slow never answer404 answer503 answer401 none; do
    resolve+=(--resolve "$host.test:$PORT:127.0.0.1")
done
weigh() { imgweigh -q -f jsonl --dims never --max-retries 0 --robots "${resolve[@]}" "$@"; }
at() { echo "http://$1.test:$PORT$2"; }
# told: path, verdict, rules, requests of each record
told() { field url verdict rules requests <"$1" | sed 's|^http://||; s|:[0-9]*||' | sort; }
# asked HOST: what it was asked, in order
asked() { awk -F'\t' -v host="$1.test:$PORT" '$9 == host {print $5}' "$LOG"; }

{
    for host in rules hops5 hops6 answer404 answer401 none late; do
        for path in /ok/a.100.png /ok/private/b.100.png /ok/private/shop/c.100.png "/ok/d.gif" "/ok/d.gif?x=1" /ok/%70rivate/e.100.png; do
            at $host $path
        done
    done
    at answer503 /ok/a.100.png
    at never /ok/a.100.png
} >list.txt
status 0 weigh list.txt >out.jsonl
told out.jsonl >told.txt
for host in rules hops5 late; do
    grep "^$host" told.txt | sed "s/^$host.test//" >one.txt
    same "/ok/a.100.png ok - 1;/ok/d.gif unknown robots-refused 0;/ok/d.gif?x=1 ok - 1;/ok/private/b.100.png unknown robots-refused 0;\
/ok/private/e.100.png unknown robots-refused 0;/ok/private/shop/c.100.png ok - 1;" \
        "$(LC_ALL=C sort one.txt | tr '\n' ';')" "what $host allows"
done
for host in hops6 answer404 answer401 none; do
    same 6 "$(grep -c "^$host.test.* ok - 1$" told.txt)" "what $host allows"
done
same "/robots.txt" "$(asked answer503 | tr '\n' ' ' | sed 's/ $//')" "asked of a host whose robots.txt is out of order"
same "/robots.txt" "$(asked never | tr '\n' ' ' | sed 's/ $//')" "asked of a host that wants too much time"
grep -q "^answer503.test/ok/a.100.png unknown - 0" told.txt || fail "answer503: $(grep ^answer503 told.txt)"
grep -q "^never.test/ok/a.100.png unknown robots-refused 0" told.txt || fail "never: $(grep ^never told.txt)"
contains out.jsonl "robots.txt cannot be read, so nothing is asked for now: HTTP status 503"
contains out.jsonl "robots.txt wants 301 s between two requests, more than 300 s"
contains out.jsonl '"rule":"robots-refused","severity":"warning"'
contains out.jsonl "line 5 of robots.txt disallows it for imgweigh: Disallow: /ok/private/"

# one robots.txt for each host, before anything else; five redirects are followed, and no sixth
for host in rules answer404 none; do
    same 1 "$(asked $host | grep -c robots.txt)" "robots.txt of $host"
    same /robots.txt "$(asked $host | head -n 1)" "first request to $host"
done
same 4 "$(asked rules | wc -l)" "requests to a host that allows three"
same 6 "$(asked hops5 | grep -c robots.txt)" "hops to robots.txt"
same 6 "$(asked hops6 | grep -c robots.txt)" "hops to a robots.txt that is too far away"
# the others did not wait for the late one
last=$(awk -F'\t' -v port="$PORT" '$9 != "late.test:" port {last = $1} END {print last}' "$LOG")
late=$(awk -F'\t' -v host="late.test:$PORT" '$9 == host && $5 ~ /^.ok/ {print $1; exit}' "$LOG")
[ "$last" -lt "$late" ] || fail "the last of the others was asked at $last ms, the late host at $late ms"

# Crawl-delay is a pace, whatever --host-concurrency says
seq -f "$(at slow /ok/64x48.%.0f.png)" 1001 1006 >slow.txt
status 0 weigh slow.txt >slow.jsonl
same 6 "$(field verdict <slow.jsonl | grep -c ok)" "right verdicts of a host that wants time"
shortest=$(awk -F'\t' -v host="slow.test:$PORT" '$9 == host && $5 ~ /^.ok/ {if (last && (!least || $1 - last < least)) least = $1 - last; last = $1} END {print least}' "$LOG")
[ "$shortest" -ge 190 ] || fail "asked after $shortest ms instead of 200"

# without the option nobody asks for it, and all is weighed
before=$(grep -c robots.txt "$LOG")
status 0 imgweigh -q -f jsonl --dims never "${resolve[@]}" "$(at rules /ok/private/b.100.png)" >out.jsonl
same ok "$(field verdict <out.jsonl)" "without --robots"
same "$before" "$(grep -c robots.txt "$LOG")" "robots.txt without --robots"

# a redirect may not lead to what is forbidden; the host that it leads to is asked for its own robots.txt
at none "/redirect-to/?to=$(at rules /ok/private/moved.100.png)" >moved.txt
at none "/redirect-to/?to=$(at rules /ok/b.100.png)" >>moved.txt
status 0 weigh --lanes 2 moved.txt >moved.jsonl
same "ok - unknown robots-refused" "$(field verdict rules <moved.jsonl | sort | tr '\n' ' ' | sed 's/ $//')" "behind redirects"
same 0 "$(asked rules | grep -c private/moved)" "requests that are forbidden"

# of pages that are found those are left out that are forbidden; what is named is read. One robots.txt for pages and images
status 0 weigh --depth 2 "$(at late /doc/a.html)" >pages.jsonl 2>pages.err
same 5 "$(field verdict <pages.jsonl | grep -c ok)" "images of what may be read"
contains pages.err "/doc/b.html: not read: line 8 of robots.txt disallows it for imgweigh: Disallow: /doc/b.html"
same 0 "$(asked late | grep -c b.html)" "requests for a page that is forbidden"
same 2 "$(asked late | grep -c robots.txt)" "robots.txt of that host, in two runs"
status 0 weigh "$(at rules /doc/b.html)" >pages.jsonl
same 1 "$(asked rules | grep -c b.html)" "requests for a page that is named"

# explain tells it
status 0 imgweigh explain --robots "${resolve[@]}" "$(at rules /ok/private/shop/c.100.png)" >explain.txt
contains explain.txt "line 6 of robots.txt allows it for imgweigh: Allow: /ok/private/shop/"

# what pages ask of robots: links are left, and images are not asked for; without the option all of it is passed over
paths() { field url verdict rules <"$1" | sed 's|^http://[^/]*||' | sort | tr '\n' ';'; }
c="/ok/50x50.50000.png ok -;"
status 0 weigh --depth 1 "$(at none /doc/asks.html)" >asks.jsonl
same "/ok/10x10.10000.png ok -;" "$(paths asks.jsonl)" "of a page that asks not to follow"
status 0 imgweigh -q -f jsonl "${resolve[@]}" --depth 1 "$(at none /doc/asks.html)" >asks.jsonl
same "/ok/10x10.10000.png ok -;$c" "$(paths asks.jsonl)" "of a page that is not obeyed"
status 0 weigh --depth 1 "$(at none /doc/rel.html)" >rel.jsonl
same "/ok/80x80.80000.png ok -;" "$(paths rel.jsonl)" "of links that are not to be followed"
status 0 weigh --depth 1 "$(at none /doc/tagged.html)" >tagged.jsonl
same "/ok/10x10.10000.png unknown robots-refused;$c" "$(paths tagged.jsonl)" "of a page whose images are not for robots"
contains tagged.jsonl "the page asks robots to leave its images alone (noimageindex)"
