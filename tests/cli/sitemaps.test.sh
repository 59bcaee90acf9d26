# Sitemaps of every make: urlset, index, gzip whatever the name, cycles, robots.txt, redirects, cut ones.
start_origin
images() { field url source.kind source.element <out.jsonl | sed 's|^http://[^/]*||' | sort | tr '\n' ';'; }
three="/ok/10x10.10000.png sitemap image:loc;/ok/20x20.20000.png sitemap image:loc;/ok/30x30.30000.png sitemap image:loc;"
for name in sitemap.xml plain-named-gz.xml.gz gzip-named-xml.xml robots.txt moved.xml; do
    status 0 imgweigh -q -f jsonl "$ORIGIN/doc/$name" >out.jsonl
    same "$three" "$(images)" "$name"
done
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/list.txt" >out.jsonl
same 3 "$(grep -c '"kind":"list"' out.jsonl)" list
# both children name the same three images: asked once, reported for each
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/index.xml" >out.jsonl
same 6 "$(wc -l <out.jsonl)" "references of the index"
same 3 "$(field url <out.jsonl | sort -u | wc -l)" "images of the index"
status 0 imgweigh -q -f jsonl "$ORIGIN/doc/cycle-a.xml" >out.jsonl
same "$three" "$(images)" "cycle"
# what stands before the cut is kept, and the run says that it is incomplete
status 3 imgweigh -q -f jsonl "$ORIGIN/doc/cut.xml" >out.jsonl 2>err.txt
same 3 "$(wc -l <out.jsonl)" "two images and the mark"
same INCOMPLETE "$(field verdict <out.jsonl | tail -n 1)"
contains err.txt "cut.xml"
# a sitemap that is listed and not there is a finding, every time, and the run is whole: so it is one to compare with. One that
# cannot be read now is another matter.
for round in first second; do
    status 1 imgweigh --history=runs.db -q -f jsonl "$ORIGIN/doc/missing-child.xml" >out.jsonl 2>err.txt
    contains err.txt "HTTP status 404"
    same "http-error" "$(field url verdict rules <out.jsonl | sed -n 's|.*/doc/not-there.xml broken ||p')" "what is said of it"
    same 4 "$(wc -l <out.jsonl)" "three images and the sitemap, $round"
done
status 0 imgweigh --history=runs.db -q --fail-on new "$ORIGIN/doc/missing-child.xml" 2>err.txt
status 3 imgweigh -q -f jsonl --max-retries 0 "$ORIGIN/doc/busy-child.xml" >out.jsonl 2>err.txt
contains err.txt "HTTP status 500"
status 3 imgweigh -q -f jsonl "$ORIGIN/doc/deep-1.xml" >out.jsonl 2>err.txt
contains err.txt "nested deeper than 8"
status 3 imgweigh -q -f jsonl "$ORIGIN/doc/page.xml" --from sitemap >out.jsonl 2>err.txt
