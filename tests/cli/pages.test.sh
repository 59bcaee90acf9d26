# Pages: those of a sitemap, those named, and what they link to; each read once.
start_origin
images() { field url source.path source.line source.column source.element <out.jsonl | sed 's|http://[^/]*||g' | sort | tr '\n' ';'; }
of_a="/ok/10x10.10000.png /doc/a.html 4 10 img@src;/ok/20x20.20000.png /doc/a.html 4 34 img@srcset;/ok/30x30.30000.png /doc/a.html 5 3 img@srcset;"
of_css="/ok/60x60.60000.png /doc/s.css 2 12 url();/ok/70x70.70000.png /doc/t.css 2 12 url();"
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/a.html" >out.jsonl
same "$of_a$of_css" "$(images)" "a page"
# a page that is gone and a PDF are no failure of the audit; one that begins with text is known by its label
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/pages.xml" >out.jsonl 2>err.txt
same "$of_a$of_css/ok/80x80.80000.png /doc/text.html 1 16 img@src;" "$(images)" "pages of a sitemap"
contains err.txt "gone.html: cannot be read: HTTP status 404"
contains err.txt "file.pdf: this looks like binary data, not a page"
status 0 imgweigh -f jsonl --pages skip "$ORIGIN/doc/pages.xml" >out.jsonl
same 0 "$(wc -l <out.jsonl)" "pages skipped"
# links are followed on the host alone, and as deep as asked
status 0 imgweigh -q -f jsonl --depth 1 "$ORIGIN/doc/a.html" >out.jsonl
same "$of_a/ok/40x40.40000.png /doc/b.html 1 13 img@src;$of_css" "$(images)" "one link deep"
status 0 imgweigh -q -f jsonl --depth 5 "$ORIGIN/doc/a.html" >out.jsonl
same "$of_a/ok/40x40.40000.png /doc/b.html 1 13 img@src;/ok/50x50.50000.png /doc/c.html 1 13 img@src;$of_css" "$(images)" "links"
# --include chooses what is weighed, not what is read
status 0 imgweigh -q -f jsonl --include 70x70 "$ORIGIN/doc/pages.xml" >out.jsonl 2>err.txt
same "/ok/70x70.70000.png /doc/t.css 2 12 url();" "$(images)" "what is included"
# a page beyond the limit is read up to it
status 3 imgweigh -q -f jsonl "$ORIGIN/doc/large.html" >out.jsonl 2>err.txt
contains out.jsonl '"path":"'"$ORIGIN"'/doc/large.html"'
contains err.txt "the page is larger than 4194304 bytes and was read to there"
status 0 imgweigh -q -f jsonl --max-page-bytes 10MB "$ORIGIN/doc/large.html" >out.jsonl
# the header's charset counts more than the page's
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/koi.html" >out.jsonl
contains out.jsonl "10000.png?%D0%B0"
# local
printf '<base href="%s/ok/">\n<img src=10x10.10000.png>' "$ORIGIN" >page.html
status 0 imgweigh -q -f jsonl page.html >out.jsonl
same "/ok/10x10.10000.png page.html 2 10 img@src;" "$(images)" "a local page"
# where nothing says what a style sheet is relative to, it is told that it is not read
printf '<link rel=stylesheet href=s.css>\n<p>' | status 0 imgweigh -q -f jsonl --from html - >out.jsonl 2>err.txt
same 0 "$(wc -l <out.jsonl)" "a style sheet is no image"
contains err.txt "imgweigh: -:1:27: expected a URL"
printf 'a{b:url(%s/ok/10x10.10000.png)}' "$ORIGIN" | status 0 imgweigh -q -f jsonl --from css - >out.jsonl
same "/ok/10x10.10000.png - 1 9 url();" "$(images)" "a style sheet"
# pages and images share a host's rate
begun=$(date +%s%3N)
status 0 imgweigh -f text --host-rate 20/s "$ORIGIN/doc/pages.xml" >out.txt 2>err.txt
took=$(($(date +%s%3N) - begun))
requests=$(sed -n 's/.* with \([0-9]*\) requests.*/\1/p' out.txt)
[ "${requests:-0}" -ge 13 ] || fail "$requests requests"
[ "$took" -ge $(((requests - 2) * 50)) ] || fail "$took ms for $requests requests at 20/s"
