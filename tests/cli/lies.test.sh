# Servers that lie: each behaviour of the scripted origin with the exact verdict, size and its source, and an upper bound on
# requests, body bytes and milliseconds. All in one run, each on a host of its own, so that none teaches another; and each
# with honest neighbours before and behind it on its connection, which must keep their own answers.
start_origin
IW_TIMEOUT=60
port=${ORIGIN##*:}
python3 "$TOP/tests/cli/faults.py" list "$TOP/tests/cli/lies.tsv" "$port" >list.txt
mapfile -t resolve < <(python3 "$TOP/tests/cli/faults.py" resolve "$TOP/tests/cli/lies.tsv" "$port")
imgweigh --max-retries 0 -t 2s --max-redirects 10 -q -f jsonl --host-concurrency 1 -j 64 "${resolve[@]}" list.txt >out.jsonl 2>err.txt
[ $? -le 1 ] || { cat err.txt; fail "exit status"; }
python3 "$TOP/tests/cli/faults.py" check "$TOP/tests/cli/lies.tsv" out.jsonl >wrong.txt || fail "$(cat wrong.txt)"
