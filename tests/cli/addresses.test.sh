# Many hosts at one address are together asked no more than --address-concurrency says, in whatever lanes they are; the origin
# tells how many requests it had at once.
start_origin --host 0.0.0.0
port=${ORIGIN##*:}
between() { [ "$2" -ge "$1" ] && [ "$2" -le "$3" ] || fail "$4: $2, not $1 to $3"; } # a busy machine may not come to the most
most() { awk -F'\t' -v path="/slow/100/$1" 'index($5, path) == 1 && $8 > most {most = $8} END {print most + 0}' "$LOG"; }

# weigh NAME WIDTH ADDRESS OPTION...: 12 hosts of 6 URLs, whose pictures are so wide
weigh() {
    local name=$1 width=$2 address=$3 resolve=() host
    shift 3
    for host in $(seq 12); do
        resolve+=(--resolve "h$host.$name.test:$port:$address")
        seq -f "http://h$host.$name.test:$port/slow/100/${width}x48.%.0f.png" 1001 1006
    done >"$name.txt"
    imgweigh -q -f jsonl --dims never --host-concurrency 4 "${resolve[@]}" "$@" "$name.txt" >"$name.jsonl" || fail "exit status $? ($name)"
    same 72 "$(field verdict <"$name.jsonl" | grep -c ok)" "right verdicts ($name)"
}
weigh one 61 127.0.0.9 --address-concurrency 5 --lanes 1
between 3 "$(most 61x)" 5 "at once, one lane"

# and somebody who looks on is told so
resolve=()
for host in $(seq 12); do resolve+=(--resolve "h$host.one.test:$port:127.0.0.9"); done
"$IMGWEIGH" -q -f jsonl --dims never --address-concurrency 3 "${resolve[@]}" one.txt >told.jsonl 2>told.err &
told=$!
for _ in $(seq 100); do
    [ "$(grep -c /slow/100/61x "$LOG")" -ge 84 ] && break
    sleep 0.05
done
kill -USR1 $told
wait $told || fail "exit status $?"
grep -q -- "--address-concurrency binds" told.err || fail "no word on what binds: $(cat told.err)"

weigh four 62 127.0.0.9 --address-concurrency 5 --lanes 4
between 3 "$(most 62x)" 5 "at once, four lanes"

# the order in which a name's addresses are told does not matter; without the option all of them may be asked at once, and one
# host gets what it may be asked whatever the address may
weigh order 63 127.0.0.9,127.0.0.10 --address-concurrency 5
between 3 "$(most 63x)" 5 "at once, two addresses"
weigh free 64 127.0.0.9
between 8 "$(most 64x)" 48 "at once without a limit"
seq -f "http://127.0.0.9:$port/slow/100/65x48.%.0f.png" 1001 1060 >host.txt
imgweigh -q -f jsonl --dims never --host-concurrency 8 --address-concurrency 2 host.txt >host.jsonl || fail "exit status $?"
between 4 "$(most 65x)" 8 "at once, one host"
