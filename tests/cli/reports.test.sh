# Any number of reports in one run, from the same verdicts: files beside and renamed, one mistake and none is there.
start_origin
printf '%s\n' "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/status/404/a.png" >list.txt
options=()
for n in $(seq 40); do
    options+=(-o "jsonl:out-$n.jsonl")
done
imgweigh -q --max-retries 0 -f csv "${options[@]}" -o json:out.json list.txt >out.csv
same 1 $? "exit status"
same 40 "$(cat out-*.jsonl | sort | uniq -c | awk '$1 != 40 {bad = 1} END {print bad ? "differ" : 40}')" "equal reports"
same 3 "$(wc -l <out.csv)" rows
same "2 True" "$(python3 -c 'import json; s = json.load(open("out.json"))["summary"]; print(s["records"], s["complete"])')" document
same 0 "$(find . -name '*tmp*' | wc -l)" "files beside"
rm out-*
status 2 imgweigh -q -o json:a.json -o csv:a.json list.txt 2>err.txt
contains err.txt "two reports are to be written to a.json"
status 2 imgweigh -q -o json:a.json -o xml:b.xml list.txt 2>err.txt
contains err.txt "no output format"
status 3 imgweigh -q -o json:a.json -o csv:none/b.csv list.txt 2>err.txt
contains err.txt "none/b.csv cannot be written"
same 0 "$(find . -name 'a.json*' | wc -l)" "reports of runs that did not begin"
