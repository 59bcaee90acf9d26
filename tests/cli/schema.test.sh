# Every record is what doc/schema/record.schema.json says; CSV is read by an independent reader.
python3 -c 'import jsonschema' 2>/dev/null || { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import jsonschema' 2>/dev/null && PATH=/usr/bin:$PATH; } ||
    skip "python3-jsonschema is not installed"
start_origin
awk -F'\t' -v o="$ORIGIN" '!/^#/ && !/stall|timeout|slow|retry-after/ {print o $1}' "$TOP/tests/cli/lies.tsv" >list.txt
printf '%s\n' "not a url" "$ORIGIN/ok/10x10.1000.png?=cmd()&<script>" $'\xff\xfe bad bytes' "$ORIGIN/not-there" >>list.txt
imgweigh -q --max-retries 0 -f jsonl -o csv:out.csv -p openai,anthropic,google-merchant list.txt not-there.txt >out.jsonl 2>err.txt
python3 "$TOP/tests/cli/schema_valid.py" "$TOP/doc/schema/record.schema.json" <out.jsonl || fail "records are not what the schema says"
python3 - <<'END' || fail "CSV"
import csv, json
rows = list(csv.DictReader(open("out.csv", newline="")))
lines = [json.loads(line) for line in open("out.jsonl")]
assert len(rows) == len(lines) > 60, (len(rows), len(lines))
assert rows[-1]["verdict"] == "incomplete" and lines[-1]["incomplete"] is True
assert all(None not in row and None not in row.values() for row in rows)
assert sorted(r["verdict"] for r in rows[:-1]) == sorted(l["verdict"] for l in lines[:-1])
END
