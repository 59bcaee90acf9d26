# Any number of reports in one run, from the same verdicts: files beside and renamed, one mistake and none is there.
start_origin
printf '%s\n' "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/status/404/a.png" >list.txt
options=()
for n in $(seq 40); do
    options+=(-o "jsonl:out-$n.jsonl")
done
imgweigh -q --max-retries 0 -f csv "${options[@]}" -o json:out.json -o html:out.html list.txt >out.csv
same 1 $? "exit status"
same 40 "$(cat out-*.jsonl | sort | uniq -c | awk '$1 != 40 {bad = 1} END {print bad ? "differ" : 40}')" "equal reports"
same 3 "$(wc -l <out.csv)" rows
same "2 True" "$(python3 -c 'import json; s = json.load(open("out.json"))["summary"]; print(s["records"], s["complete"])')" document
contains out.html "<h1>1 of 2 images does not pass</h1>"
contains out.html "$ORIGIN/status/404/a.png</a>"
same 0 "$(find . -name '*tmp*' | wc -l)" "files beside"
rm out-*
status 2 imgweigh -q -o json:a.json -o csv:a.json list.txt 2>err.txt
contains err.txt "two reports are to be written to a.json"
status 2 imgweigh -q -o json:a.json -o xml:b.xml list.txt 2>err.txt
contains err.txt "no output format"
status 3 imgweigh -q -o json:a.json -o csv:none/b.csv list.txt 2>err.txt
contains err.txt "none/b.csv cannot be written"
same 0 "$(find . -name 'a.json*' | wc -l)" "reports of runs that did not begin"

# every format in one run, into files of their own; those for a collector of metrics may be read by all
mkdir -p all
options=()
formats=$(sed -n 's/^IW_WRITER(\(.*\))/\1/p' "$TOP/src/report/writers.def" | tr _ -)
for format in $formats; do
    options+=(-o "$format:all/$format")
done
(umask 077 && imgweigh -q --max-retries 0 -f urls "${options[@]}" list.txt >failed.txt)
same 1 $? "exit status"
same "$ORIGIN/status/404/a.png" "$(cat failed.txt)" "what failed"
for format in $formats; do
    [ -s "all/$format" ] || fail "$format is empty"
done
same "644 600" "$(stat -c %a all/prometheus all/sarif | xargs)" modes
imgweigh --help >help.txt
for format in $formats; do
    grep -q "^  $format  " help.txt || fail "$format is not in --help"
done

# GitHub: annotations, and a summary behind what other commands of the step said
echo "said before" >summary.md
GITHUB_STEP_SUMMARY=$PWD/summary.md imgweigh -q --max-retries 0 -f github list.txt >annotations.txt
same 1 $? "exit status"
same "::error file=list.txt,line=2,col=1,title=imgweigh http-error" "$(sed -n 's/\(http-error\)::.*/\1/p' annotations.txt)" annotation
same "said before" "$(head -n 1 summary.md)" "what was there"
contains summary.md "## imgweigh: 1 of 2 images does not fit"
GITHUB_STEP_SUMMARY=$PWD/summary2.md imgweigh -q --max-retries 0 -f text list.txt >text.txt
[ ! -e summary2.md ] || fail "a summary that nobody asked for"
status 3 env GITHUB_STEP_SUMMARY=none/summary.md timeout 60 "$IMGWEIGH" -q -f github list.txt 2>err.txt
contains err.txt "none/summary.md cannot be written"

# what failed: a data URI is told by its place
printf '<p>\n<img src="data:image/png;base64,AAAA"><img src="data:image/png;base64,BBBB">\n' >page.html
imgweigh -q -f urls page.html >failed.txt
same "page.html:2:11 page.html:2:49" "$(xargs <failed.txt)" "data URIs"

# paths are told from the folder of the run
status 1 imgweigh -q --max-retries 0 -o "gitlab:quality.json" -f urls "$PWD/./list.txt" >failed.txt
same list.txt "$(python3 -c 'import json; print(json.load(open("quality.json"))[0]["location"]["path"])')" path

# a pipe or a link is written to, and stays what it is
mkfifo pipe && echo before >there.txt && ln -s there.txt link.txt
cat pipe >piped.txt &
imgweigh -q --max-retries 0 -o urls:pipe -o prometheus:link.txt list.txt >out.txt
same 1 $? "exit status"
wait $!
[ -p pipe ] && [ -L link.txt ] || fail "a pipe or a link gave way to a file"
same "$ORIGIN/status/404/a.png" "$(cat piped.txt)" "through a pipe"
contains there.txt "imgweigh_"
