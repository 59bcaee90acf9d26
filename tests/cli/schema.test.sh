# Every record is what doc/schema/record.schema.json says; CSV is read by an independent reader.
python3 -c 'import jsonschema' 2>/dev/null || { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import jsonschema' 2>/dev/null && PATH=/usr/bin:$PATH; } ||
    skip "python3-jsonschema is not installed"
start_origin
awk -F'\t' -v o="$ORIGIN" '!/^#/ && !/stall|timeout|slow|retry-after/ {print o $1}' "$TOP/tests/cli/lies.tsv" >list.txt
printf '%s\n' "not a url" "$ORIGIN/ok/10x10.1000.png?=cmd()&<script>" $'\xff\xfe bad bytes' "$ORIGIN/not-there" >>list.txt
imgweigh -q --max-retries 0 -f jsonl -o csv:out.csv -o json:out.json -p openai,anthropic,google-merchant list.txt not-there.txt >out.jsonl 2>err.txt
python3 "$TOP/tests/cli/schema_valid.py" "$TOP/doc/schema/record.schema.json" <out.jsonl || fail "records are not what the schema says"
python3 - "$TOP/doc/schema" <<'END' || fail "the document is not what its schema says"
import json, sys
import jsonschema
folder = sys.argv[1]
report, record = (json.load(open(f"{folder}/{name}.schema.json")) for name in ("report", "record"))
report["$id"] = "file:///report.schema.json"
resolver = jsonschema.RefResolver.from_schema(report, store={"file:///record.schema.json": record})
document = json.load(open("out.json"))
jsonschema.Draft202012Validator(report, resolver=resolver).validate(document)
lines = [json.loads(line) for line in open("out.jsonl")]
key = lambda record: json.dumps(record, sort_keys=True)
assert sorted(map(key, document["records"])) == sorted(map(key, lines[:-1]))
assert document["summary"]["records"] == len(lines) - 1 and document["summary"]["complete"] is False
END
python3 - <<'END' || fail "CSV"
import csv, json
rows = list(csv.DictReader(open("out.csv", newline="")))
lines = [json.loads(line) for line in open("out.jsonl")]
assert len(rows) == len(lines) > 60, (len(rows), len(lines))
assert rows[-1]["verdict"] == "incomplete" and lines[-1]["incomplete"] is True
assert all(None not in row and None not in row.values() for row in rows)
assert sorted(r["verdict"] for r in rows[:-1]) == sorted(l["verdict"] for l in lines[:-1])
END
