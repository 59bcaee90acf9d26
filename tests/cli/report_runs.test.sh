# Runs of a history, told again as they were told; what differs between two; judged by other limits; and one line for a monitor.
export XDG_STATE_HOME=$PWD/state
make_images www
status 3 imgweigh report 2>err.txt
contains err.txt "there is no history yet"
status 1 imgweigh --history -f jsonl www/img >first.jsonl
cp www/img/wide.png www/img/fresh.png && rm www/img/icon-1.gif
status 1 imgweigh --history -f jsonl www/img >second.jsonl
without_times() { sed -E 's/"ms":[0-9.]+//; s/"bytes_read":[0-9]+//' | sort; }
status 1 imgweigh report -f jsonl >again.jsonl
same "$(without_times <second.jsonl)" "$(without_times <again.jsonl)" "the last run, told again"
status 1 imgweigh report -f jsonl 1 >again.jsonl
same "$(without_times <first.jsonl)" "$(without_times <again.jsonl)" "the first run, told again"
status 1 imgweigh report -f jsonl latest~1 latest >differ.jsonl
same "www/img/fresh.png new
www/img/icon-1.gif gone" "$(field url change <differ.jsonl | grep -v ' null$' | grep -v ' same$')" "what differs"
status 0 imgweigh report --fail-on new 2 1 >back.txt
contains back.txt "nothing new"
contains back.txt "1 gone"
status 1 imgweigh report -p none --max-bytes 100MB -f jsonl >anew.jsonl
same "broken not-an-image
broken header-corrupt" "$(field verdict rules <anew.jsonl | grep -E '^(over|broken)' | sort -r)" "judged by other limits"
status 1 imgweigh report 1 2 1 -f csv -o html:page.html >all.csv
[ "$(wc -l <all.csv)" -gt 90 ] && [ -s page.html ] || fail "three runs"
status 2 imgweigh report 9 2>err.txt
contains err.txt 'there is no run "9"'

status 2 imgweigh report -f nagios >line.txt
contains line.txt "IMGWEIGH CRITICAL - 8 of 32 images do not fit, 1 new; run 2 began"
grep -qE '\| offenders=8;0;0;0;32 new=1;;;0 warned=1;;;0 undecided=0;;;0 images=32;;;0 faults=0;;;0 age=[0-9]+s;;;0$' line.txt || fail "$(cat line.txt)"
status 1 imgweigh report -f nagios --critical-above 8 >line.txt
contains line.txt "IMGWEIGH WARNING"
status 0 imgweigh report -f nagios --critical-above 8 --warn-above 9 >line.txt
contains line.txt "IMGWEIGH OK"
python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE run SET started = started - 7200")
db.commit()' "$(imgweigh history path)"
status 3 imgweigh report -f nagios --max-age 1h >line.txt
contains line.txt "IMGWEIGH UNKNOWN"
contains line.txt "began 2 hours ago, too long for --max-age"
status 2 imgweigh report -f nagios --max-age 3h >line.txt
status 3 imgweigh report -f nagios --history=no.db >line.txt 2>err.txt
contains line.txt "IMGWEIGH UNKNOWN"
same "" "$(cat err.txt)" "standard error"

# what a run that ended early does not name may still be there
spoil() { python3 -c '
import sqlite3, sys
db = sqlite3.connect("spoiled.db")
db.execute(sys.argv[1])
db.commit()' "$1"; }
cp "$(imgweigh history path)" spoiled.db
spoil "UPDATE run SET state = 2, why = 'it was stopped' WHERE id = 2"
status 3 imgweigh report --history=spoiled.db -f jsonl 1 2 >early.jsonl
same "www/img/fresh.png new" "$(field url change <early.jsonl | grep -v ' null$' | grep -v -e ' same$' -e INCOMPLETE)" "what differs from a run that ended early"

# and what it did not come to is not new in the next one
cp "$(imgweigh history path)" begun.db
python3 - <<'END'
import sqlite3
db, last = sqlite3.connect("begun.db"), 10
db.execute("UPDATE run SET state = 2, why = 'it was stopped' WHERE id = 1")
for table, key in (("obs", "url"), ("verdict", "ref"), ("finding", "ref")):
    db.execute(f"UPDATE {table} SET run = 2 WHERE run = 1 AND {key} > {last}")
for kind, chunk, bits in db.execute("SELECT kind, chunk, bits FROM seen WHERE run = 1").fetchall():
    kept = bytes(byte & sum(1 << i for i in range(8) if at * 8 + i <= last) for at, byte in enumerate(bits))
    db.execute("UPDATE seen SET bits = ? WHERE run = 1 AND kind = ? AND chunk = ?", (kept, kind, chunk))
db.commit()
END
status 1 imgweigh report --history=begun.db -f jsonl -o text:begun.txt -o markdown:begun.md 1 2 >begun.jsonl
same "" "$(field url change <begun.jsonl | grep ' new$')" "what is new beside a run that was stopped"
grep -q "^nothing new, .* not compared, beside the run before" begun.txt || fail "$(head -3 begun.txt)"
contains begun.md " not compared"
status 0 imgweigh report --history=begun.db -q --fail-on new 1 2 >/dev/null

# numbers that none of ours are
for damage in "run SET state = 7" "verdict SET verdict = 1000000" "verdict SET verdict = -1" "finding SET severity = 9" \
    "finding SET unit = 77" "obs SET failure = 5000" "obs SET bytes_from = 44" "obs SET colour = -3" "obs SET animated = 1 << 40" "word SET text = 'a,b' WHERE id IN (SELECT kind FROM doc)"; do
    cp "$(imgweigh history path)" spoiled.db
    spoil "UPDATE $damage"
    imgweigh report --history=spoiled.db 2 >spoiled.txt 2>err.txt
    same 3 $? "status with $damage"
    contains err.txt "the history is damaged"
done

# what was told until then is whole and marked, in each format; so is what was found by an audit whose history fails
cp "$(imgweigh history path)" spoiled.db
spoil "UPDATE obs SET failure = 5000 WHERE url = (SELECT max(url) FROM obs)"
for command in "report 2" "check www/img"; do
    # shellcheck disable=SC2086
    status 3 imgweigh $command --history=spoiled.db -q -f json -o csv:early.csv >early.json 2>err.txt
    contains err.txt "the history is damaged"
    python3 -c '
import csv, json
document = json.load(open("early.json"))
assert not document["summary"]["complete"] and document["summary"]["why"].startswith("the history could not be "), document["summary"]
rows = list(csv.DictReader(open("early.csv")))
assert rows.pop()["verdict"] == "incomplete" and len(rows) == len(document["records"]), rows' || fail "$command with a history that fails"
done
# a report that cannot be written is named, and the others are marked
seq -f "http://127.0.0.1:9/%.0f.png" 500 >many.txt
imgweigh --history=many.db -q -f jsonl --max-retries 0 many.txt >/dev/null
status 3 imgweigh report --history=many.db 1 -f jsonl -o csv:early.csv >/dev/full 2>err.txt
contains err.txt "standard output cannot be written: No space left on device"
tail -n 1 early.csv | grep -q incomplete || fail "a report that ends early is not marked"

# a history may come from anybody: it chooses limits, and nothing else
cp "$(imgweigh history path)" spoiled.db
spoil "UPDATE policy SET choice = 'report=json:planted.json' || char(10) || choice"
status 3 imgweigh report --history=spoiled.db 2 2>err.txt
contains err.txt 'the history is damaged: "report=json:planted.json" chose no policy'
[ ! -e planted.json ] || fail "a history wrote a file"

# nor a time that nothing can be added to
cp "$(imgweigh history path)" spoiled.db
spoil "UPDATE run SET started = 9223372036854775807"
status 1 imgweigh report --history=spoiled.db -f sarif >spoiled.sarif
contains spoiled.sarif '"startTimeUtc":"9999-12-31T23:59:59'

# whoever may only read it is told that this is not enough
plain=()
[ "$(id -u)" != 0 ] || plain=(setpriv --bounding-set -dac_override,-dac_read_search)
cp "$(imgweigh history path)" spoiled.db && chmod 444 spoiled.db
if [ -z "${plain[*]}" ] || "${plain[@]}" true 2>/dev/null; then
    status 3 "${plain[@]}" "$IMGWEIGH" report --history=spoiled.db -f nagios >line.txt
    contains line.txt "the history cannot be written, as whoever reads it must be able to"
fi
rm -f spoiled.db

# while an audit has the database the last complete run is judged all the same; whoever wants more is told who has it
start_origin
echo "$ORIGIN/stall/10x10.1000.png" >stall.txt
"$IMGWEIGH" --history -q stall.txt >/dev/null 2>&1 &
audit=$!
for _ in $(seq 100); do
    imgweigh history 2>err.txt >/dev/null || break
    sleep 0.1
done
contains err.txt "in use by process"
status 2 imgweigh report -f nagios >line.txt
contains line.txt "IMGWEIGH CRITICAL - 8 of 32 images do not fit, 1 new; run 2 began"
status 3 imgweigh report -f nagios 1 >line.txt
contains line.txt 'there is no run "1"'
kill -9 $audit
