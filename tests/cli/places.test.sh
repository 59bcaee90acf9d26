# The place that a page gives an image: kept with each reference, and told where the file is much larger than it.
start_origin
cat >page.html <<END
<base href="$ORIGIN/ok/">
<img src=1200x900.90000.png width=300 height=225>
<img src=1200x900.90000.png width=1200>
<img src=1200x900.90000.png>
<img srcset="1400x1050.200000.png 500w, 600x450.50000.png 2x" width=300>
END
status 0 imgweigh -q -p openai -f jsonl page.html >out.jsonl
field place source.line verdict rules <out.jsonl | sort >found.txt
cat >expected.txt <<'END'
null 4 ok -
{'width': 1200, 'height': None, 'unit': 'css'} 3 ok -
{'width': 300, 'height': 225, 'unit': 'css'} 2 warn larger-than-needed
{'width': 500, 'height': None, 'unit': 'px'} 5 warn larger-than-needed
{'width': 600, 'height': None, 'unit': 'px'} 5 ok -
END
diff expected.txt found.txt || fail "records differ"
contains out.jsonl '"message":"1200x900 px where the page says 300x225: 600x450 would do on screens of double density, some 67.5 kB less"'
contains out.jsonl '"limit":187500,"actual":1470000,"unit":"px","message":"1400x1050 px where the page says 500 wide: 500x375 would do, some 174 kB less"'
# counted by record: of three references to one image, one is larger than needed
status 0 imgweigh -v page.html >out.txt
contains out.txt "5 images: 2 warn, 3 ok"
contains out.txt "1200x900 px where the page says 300x225"
# nothing is read for it that no limit asks for
status 0 imgweigh -q -p none -f jsonl page.html >out.jsonl
same "null" "$(field width <out.jsonl | sort -u)"
