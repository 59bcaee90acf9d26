# One lookup for a name however many URLs wait; what the resolver says of one host is of no concern to others; and what a
# name said before does not let a private address pass.
command -v cc >/dev/null || skip "no compiler for the library that plays the resolver"
cc -shared -fPIC -O1 -o names.so "$TOP/tests/fault/names.c" || fail "the library does not build"
start_origin
port=${ORIGIN##*:}
# weigh ARG...: one lane, since each has answers of its own
weigh() {
    rm -f names.log
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 NAMES_LOG=$PWD/names.log LD_PRELOAD=$PWD/names.so \
        imgweigh -q -f jsonl --lanes 1 "$@"
}
urls() { for name in "$@"; do for size in 1000 1001 1002; do echo "http://$name.test:$port/ok/10x10.$size.png"; done; done; }
asked() { sort names.log | uniq -c | sed 's/^ *//'; }
now_ms() { date +%s%3N; }

urls plain nx empty again-2 slow-200ms two-addresses both-families >list.txt
status 1 weigh list.txt >out.jsonl
for name in plain again-2 slow-200ms two-addresses both-families; do
    same 3 "$(grep -c "//$name.test.*\"verdict\":\"ok\"" out.jsonl)" "images of $name"
done
for name in nx empty; do
    same 3 "$(grep "//$name.test" out.jsonl | grep -c '"dns-failure".*the host name does not exist: '$name)" "URLs of $name"
done
same "3 again-2.test
1 both-families.test
1 empty.test
1 nx.test
1 plain.test
1 slow-200ms.test
1 two-addresses.test" "$(asked)" lookups

# http and https of one name and several ports are one name; localhost, numbers, pinned names and proxies are none
printf '%s\n' "http://one.test:$port/ok/10x10.1000.png" "https://one.test:1/a" "http://one.test:1/a" \
    "http://localhost:$port/ok/10x10.1000.png" "$ORIGIN/ok/10x10.1000.png" "http://pinned.test:$port/ok/10x10.1000.png" \
    "http://any.test:$port/ok/10x10.1000.png" >list.txt
status 1 weigh --max-retries 0 --resolve "pinned.test:$port:127.0.0.1" --resolve "pinned.test:1:127.0.0.9" list.txt >out.jsonl
same "1 any.test
1 one.test" "$(asked)" lookups
same 5 "$(grep -c '"verdict":"ok"' out.jsonl)" "images"
status 0 weigh --resolve "*:$port:127.0.0.9" --resolve "*:$port:127.0.0.1" <(echo "http://nx.test:$port/ok/10x10.1000.png") >out.jsonl
[ ! -e names.log ] || fail "a pinned name was looked up"
status 1 weigh --proxy http://127.0.0.1:9 --max-retries 0 <(echo "http://nx.test:$port/ok/10x10.1000.png") >out.jsonl
[ ! -e names.log ] || fail "a name was looked up in spite of the proxy"
for row in nonsense a:b:127.0.0.1 a:1:b a:70000:127.0.0.1 a:1: "a:1:127.0.0.1,"; do
    status 2 weigh --resolve "$row" list.txt >/dev/null 2>err.txt
    contains err.txt "--resolve takes HOST:PORT:ADDR"
done

# names that hang hold neither a place nor others up, nor the end of the run
{ for n in $(seq 60); do echo "http://slow-20000ms-$n.test:$port/a"; done; urls quick quicker; } >list.txt
began=$(now_ms)
status 0 weigh -j 2 --max-retries 0 --connect-timeout 1500ms list.txt >out.jsonl
took=$(($(now_ms) - began))
same 6 "$(grep -c '"verdict":"ok"' out.jsonl)" "quick images"
same 60 "$(grep -c '"verdict":"unknown".*no answer in time' out.jsonl)" "names that hang"
same 62 "$(wc -l <names.log)" lookups
[ $took -lt 6000 ] || fail "the run took $took ms"

# a resolver that is down is asked a few times, not for each URL
for n in $(seq 1000 1300); do echo "http://again.test:$port/ok/10x10.$n.png"; done >list.txt
status 0 weigh list.txt >out.jsonl
same 301 "$(grep -c '"verdict":"unknown".*could not be looked up' out.jsonl)" "URLs of a name that cannot be looked up"
same 6 "$(wc -l <names.log)" lookups

# private addresses, whatever the name says first
: >"$LOG"
urls plain mixed rebind >list.txt
status 1 weigh --private deny list.txt >out.jsonl
same "plain private-address
mixed private-address
rebind connect-failure" "$(field url rules <out.jsonl | sed 's|http://\(.*\)\.test:.* |\1 |' | sort -u | sort -k2,2r -k1,1r)"
same 0 "$(wc -l <"$LOG")" "requests that arrived"
