# Offenders that somebody has answered for: told as waived, not failed for; an expired waiver is complained about.
make_images www
cat >waivers.txt <<'END'
# the catalogue's known sins
www/img/heavy.png  bytes-over            never       a poster that is to be printed
*.bmp              format-refused        2999-12-31  scans of the archive
www/img/[wt]*      *                     never       no such pattern: brackets are themselves
*/tall.jpg         side-over,bytes-over  2020-01-01  until the redesign
END
status 1 imgweigh --waivers waivers.txt -f jsonl -o text:report.txt www/img >records.jsonl 2>err.txt
same "www/img/heavy.png a poster that is to be printed
www/img/scan.bmp scans of the archive" "$(field change url waiver <records.jsonl | sed -n 's/^waived //p' | sort)" "what is waived"
same "1" "$(wc -l <err.txt)" "complaints"
contains err.txt 'waivers.txt:5: this waiver ended with 2020-01-01, and what it was for is still there: "until the redesign"'
! grep -q heavy.png report.txt || fail "what is waived is listed"
contains report.txt "/tall.jpg"
imgweigh --waivers waivers.txt -v www/img 2>/dev/null | grep -q "; waived: a poster that is to be printed" || fail "-v lists what is waived"
printf '* * never all of them\n' >all.txt
status 0 imgweigh --waivers all.txt -q www/img >quiet.txt 2>&1
same "" "$(cat quiet.txt)" "what a quiet run says of what is waived"
status 0 imgweigh --waivers all.txt --fail-on warning -q www/img
status 0 imgweigh --waivers all.txt --history=h.db -q --fail-on new www/img
status 0 imgweigh --waivers all.txt --history=h.db www/img >second.txt
contains second.txt "nothing new, 8 waived, beside the run before"
# one that has ended: what it was for is new again, and fails a run that looks at new ones alone
sed 's/ never / 2020-01-01 /' all.txt >ended.txt
status 1 imgweigh --waivers ended.txt --history=h.db --fail-on new -f jsonl www/img >records.jsonl 2>err.txt
contains err.txt "ended.txt:1: this waiver ended with 2020-01-01"
same "8" "$(field change <records.jsonl | grep -c '^new$')" "what is new because its waiver has ended"
status 0 imgweigh --history=h.db --fail-on new www/img >/dev/null
status 1 imgweigh report --history=h.db >/dev/null
status 0 imgweigh report --history=h.db --waivers all.txt >/dev/null
printf '* * never ok\nx bytes-ovr never y\n' >bad.txt
status 2 imgweigh --waivers bad.txt www/img 2>err.txt
contains err.txt 'bad.txt:2:3: there is no rule "bytes-ovr"; did you mean "bytes-over"?'
status 2 imgweigh --waivers nowhere.txt www/img 2>err.txt
contains err.txt "nowhere.txt: No such file"
# such a file may come from anybody
printf 'x bytes\033]0;y\007 never z\n' >bad.txt
status 2 imgweigh --waivers bad.txt www/img 2>err.txt
contains err.txt 'bad.txt:1:3: there is no rule "bytes\x1B]0;y\x07"'
# a reader that leaves has seen no offender
mkdir many && for i in $(seq 2000); do echo none >"many/$i.png"; done
imgweigh --waivers all.txt -q -f jsonl many 2>err.txt | head -n 1 >one.jsonl
same "0" "${PIPESTATUS[0]}" "exit status behind a closed pipe"
