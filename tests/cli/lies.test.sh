# Servers that lie: each behaviour of the scripted origin with the exact verdict, size and its source, and an upper bound on
# requests, body bytes and time. All in one run, each on a host of its own, so that none teaches another; and each with
# honest neighbours before and behind it on its connection, which must keep their own answers.
start_origin
IW_TIMEOUT=60
faults lies.tsv "$PORT" http --host-concurrency 1 -j 32
