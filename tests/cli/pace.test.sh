# How hard hosts are asked. One server plays them all, by different addresses, and tells how many requests it had at once.
start_origin --host 0.0.0.0
port=${ORIGIN##*:}

# log PATH: milliseconds and requests at once, of those for PATH
log() { awk -F'\t' -v path="$1" 'index($5, path) == 1 {print $1, $8}' "$LOG"; }

# up to what is allowed, and at once: 2, 4, 8, 8 ... in each 100 ms
seq -f "http://127.0.0.2:$port/slow/100/64x48.%.0f.png" 1001 1060 >slow.txt
"$IMGWEIGH" -q -v -f jsonl --dims never -j 64 --host-concurrency 8 slow.txt >slow.jsonl 2>slow.err &
slow=$!
for _ in $(seq 100); do
    [ "$(log /slow/ | wc -l)" -ge 24 ] && break
    sleep 0.05
done
kill -USR1 $slow
wait $slow || fail "exit status $?"
grep -qE "http://127.0.0.2:$port binds: [2-8] at once .* waiting, [0-9] of [2-8] asked, 1.. ms" slow.err || fail "no word on what binds: $(cat slow.err)"
same 60 "$(field verdict <slow.jsonl | grep -c ok)" "right verdicts of the slow host"
same 8 "$(log /slow/ | awk '{if ($2 > most) most = $2} END {print most}')" "most at once"
same 2 "$(log /slow/ | awk 'NR == 1 {first = $1} $1 < first + 90 {if ($2 > most) most = $2} END {print most}')" "at once to begin with"
took=$(log /slow/ | awk 'NR == 1 {first = $1} END {print $1 - first}')
[ "$took" -lt 2500 ] || fail "$took ms for 60 answers of 100 ms, 8 at once"

# lanes share what may be asked at once: answers of 100 ms that begin within 90 are all on their way together
for host in $(seq 101 112); do seq -f "http://127.0.0.$host:$port/slow/100/64x48.%.0f.png" 2001 2005; done >shared.txt
imgweigh -q -f jsonl --dims never -j 6 --lanes 4 shared.txt >shared.jsonl || fail "exit status $?"
same 60 "$(field verdict <shared.jsonl | grep -c ok)" "right verdicts of lanes that share"
most=$(log /slow/100/64x48.2 | sort -n | awk '{at[NR] = $1; while (at[NR] - at[first + 1] >= 90) first++; if (NR - first > most) most = NR - first}
    END {print most}')
[ "$most" -ge 4 ] && [ "$most" -le 6 ] || fail "$most at once with four lanes that share 6" # a busy machine may not come to 6

# a dead host and a silent one, each with thousands of URLs, cost some requests and some seconds, and their neighbour nothing
{
    seq -f "http://127.0.0.6:1/%.0f.png" 1 5000
    seq -f "http://127.0.0.7:$port/stall/%.0f.png" 1 5000
    seq -f "http://127.0.0.8:$port/ok/near/64x48.%.0f.png" 1001 1200
} >dead.txt
IW_TIMEOUT=30 imgweigh -q -f jsonl --dims never -t 300ms dead.txt >dead.jsonl &
dead=$!

# one that is too fast for a server that does not say when to come back finds its pace
seq -f "http://127.0.0.4:$port/throttle/20/64x48.%.0f.png" 1001 1060 >throttle.txt
imgweigh -q -f jsonl --dims never throttle.txt >throttle.jsonl &
throttle=$!

# Retry-After in seconds and as a date: who asks before it is time is answered 400
for how in seconds date; do
    seq -f "http://127.0.0.3:$port/busy/$how/64x48.%.0f.png" 1001 1030 >busy.txt
    imgweigh -q -f jsonl --dims never busy.txt >busy.jsonl || fail "exit status $? ($how)"
    same 30 "$(field verdict <busy.jsonl | grep -c ok)" "right verdicts ($how)"
done
waited=$(log /busy/date/ | awk 'NR > 1 && $1 - last > most {most = $1 - last} {last = $1} END {print most}')
[ "$waited" -ge 900 ] || fail "rested for $waited ms alone by a date that was 1 to 2 s away"

# --host-rate keeps a pace from the start
seq -f "http://127.0.0.5:$port/ok/rate/64x48.%.0f.png" 1001 1030 >rate.txt
imgweigh -q -f jsonl --dims never --host-rate 20/s rate.txt >rate.jsonl || fail "exit status $?"
same 30 "$(field verdict <rate.jsonl | grep -c ok)" "right verdicts at a fixed rate"
took=$(log /ok/rate/ | awk 'NR == 1 {first = $1} END {print $1 - first}')
[ "$took" -ge 1400 ] && [ "$took" -lt 5000 ] || fail "$took ms for 30 requests at 20/s"

wait $throttle || fail "exit status $?"
same 60 "$(field verdict <throttle.jsonl | grep -c ok)" "right verdicts of the throttling host"

# what became of the dead ones
wait $dead
same 1 $? "exit status with dead hosts"
same 10200 "$(wc -l <dead.jsonl)" records
field url verdict rules requests error <dead.jsonl >dead.facts
same 200 "$(grep -c "^http://127.0.0.8:$port/.* ok" dead.facts)" "right verdicts of the neighbour"
same 0 "$(awk '$4 > 0 && $1 ~ /0\.6:1/ && ($2 != "broken" || $3 != "connect-failure")' dead.facts | wc -l)" "wrong verdicts of what was asked"
same 0 "$(awk '$4 > 0 && $1 ~ /0\.7:/ && ($2 != "unknown" || $3 != "timeout")' dead.facts | wc -l)" "wrong verdicts of what was asked in vain"
same 0 "$(awk '$4 == 0 && ($2 != "unknown" || $3 != "-")' dead.facts | wc -l)" "wrong verdicts of what was not asked"
grep -q "0\.6:1/5000.png unknown - 0 not asked: the host does not answer: " dead.facts || fail "no reason: $(grep 5000.png dead.facts)"
asked=$(awk '$1 ~ /0\.6:1/ {sum += $4} END {print sum}' dead.facts)
[ "$asked" -le 12 ] || fail "a dead host was asked $asked times"
[ "$(log /stall/ | wc -l)" -le 12 ] || fail "a silent host was asked $(log /stall/ | wc -l) times"
