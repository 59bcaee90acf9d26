# A second run names what changed, in every format that can: one grown, one fixed, one new, one gone, one unreachable.
mkdir www
weigh() { head -c "$2" /dev/zero >"www/$1.png"; }
weigh same 60000
weigh grown 60000
weigh fixed 60000
weigh gone 60000
weigh fine 1000
start_nginx "$PWD/www"
start_origin
far=$ORIGIN/ok/10x10.60000.png
for name in same grown fixed gone fine; do echo "$NGINX/$name.png"; done >list.txt
echo "$far" >>list.txt
audit() { imgweigh -q --max-retries 0 -p none --max-bytes 50kB --dims never --connect-timeout 1s --history history.db "$@" list.txt; }
audit -f jsonl >first.jsonl
same 1 $? "exit status"
weigh grown 90000
weigh fixed 2000
weigh added 70000
sed -i "/gone.png/d; s|^$NGINX/fine.png|&\\n$NGINX/added.png|" list.txt
exec {hold}>&-
for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', ${ORIGIN##*:})).close()" 2>/dev/null || break; sleep 0.05; done
options=()
for format in json csv sarif junit github gitlab markdown checkstyle tap prometheus html-mail; do options+=(-o "$format:out.$format"); done
audit -f jsonl "${options[@]}" >second.jsonl
field url change <second.jsonl | sed "s|^$NGINX/||; s|^$far|far|; s/\.png//" | sort >seen.txt
diff seen.txt - <<'END' || fail "changes"
added new
far unreachable
fine null
fixed fixed
gone gone
grown worse
same same
END
python3 - "$NGINX" "$far" <<'END' || fail "a format does not say so"
import csv, json, re, sys, xml.etree.ElementTree as xml
host, far = sys.argv[1:]
text = {name: open("out." + name, encoding="utf-8", newline="").read() for name in
        "json csv sarif junit github gitlab markdown checkstyle tap prometheus html-mail".split()}
name = lambda url: "far" if url == far else re.sub("^.*/|[.]png$", "", url)
bad = {"added": "new", "far": "unreachable", "grown": "worse", "same": "same"}
all_of_them = {**bad, "fixed": "fixed", "gone": "gone"}
document = json.loads(text["json"])
assert {name(r["url"]): r["change"] for r in document["records"] if r["change"]} == all_of_them
assert document["summary"]["changes"] == {"new": 1, "worse": 1, "same": 1, "better": 0, "fixed": 1, "gone": 1, "unreachable": 1, "waived": 0}
assert {name(r["url"]): r["change"] for r in csv.DictReader(text["csv"].splitlines()) if r["change"]} == all_of_them
run = json.loads(text["sarif"])["runs"][0]
assert {name(r["properties"]["url"]): r["baselineState"] for r in run["results"]} == {
    "added": "new", "far": "updated", "grown": "updated", "same": "unchanged"}
assert {name(r["properties"]["url"]): r["properties"]["change"] for r in run["results"]} == bad
notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
assert notes == [f"fixed: {host}/fixed.png", f"gone: {host}/gone.png"], notes
cases = {name(case.get("name")): "".join(case.itertext()) for case in xml.fromstring(text["junit"]).iter("testcase")}
assert all(f"({change}" in cases[what] for what, change in bad.items()) and cases["fixed"] == "" and "gone" not in cases
for form in ("github", "gitlab", "checkstyle", "tap", "markdown", "html-mail"):
    for what, change in bad.items():
        url = far if what == "far" else f"{host}/{what}.png"
        if form == "markdown":
            url = f"(<{url}>)"
        assert re.search(re.escape(url) + f"[^)]*?(?s:.){{0,500}}?[(]{change}", text[form]), (form, what)
for form in ("markdown", "html-mail"):
    assert "1 new, 1 worse, 1 same, 1 fixed, 1 gone, 1 unreachable" in text[form], form
assert "fixed since the run before</b>: 1" in text["markdown"] and "named no more</b>: 1" in text["markdown"]
for change, count in document["summary"]["changes"].items():
    assert f'imgweigh_image_changes{{change="{change}"}} {count}\n' in text["prometheus"], change
assert 'imgweigh_findings_new{rule="bytes-over"} 1\n' in text["prometheus"]
END

# a page that cannot be asked hides its images: they are not gone, nor new when it is back
mkdir www/shop && printf '<html><body><img src="../grown.png"></body></html>' >www/shop/index.html
pages() { imgweigh -q --max-retries 0 -p none --max-bytes 50kB --dims never --history pages.db -f jsonl "$@" "$NGINX/shop/" "$NGINX/same.png"; }
status 1 pages >first.jsonl
mv www/shop/index.html away.html
status 3 pages >second.jsonl
same "same.png same" "$(field url change <second.jsonl | sed -n 's|^.*/\(same.png\)|\1|p')" "beside a page that cannot be asked"
! grep -q '"gone"' second.jsonl || fail "what a page hides was told as gone"
grep -q '"why":"a page that named images before could not be read"' second.jsonl || fail "$(tail -n 1 second.jsonl)"
mv away.html www/shop/index.html
status 1 pages >third.jsonl
same "grown.png same
same.png same" "$(field url change <third.jsonl | sed 's|^.*/||' | sort)" "when it is back"
