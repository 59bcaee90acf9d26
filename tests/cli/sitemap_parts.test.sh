# A sitemap of more images than one file may list: further files beside it and an index, all at once, and nothing where a report
# cannot be written; on standard output one file and a note.
[ -z "${IW_WRAP:-}" ] || skip "too many URLs for valgrind"
mkdir www && head -c 5000 /dev/zero >www/a.jpg
start_nginx www
seq -f "$NGINX/a.jpg?%.0f" 50010 >list.txt
echo "$NGINX/a.jpg?1" >>list.txt # once more
mkdir out
weigh() { imgweigh -q -p none --max-bytes 20MB --dims never -j 16 --host-concurrency 16 "$@" list.txt; }
status 0 weigh -f sitemap -o sitemap:out/passed.xml >one.xml
same "passed-2.xml passed-index.xml passed.xml" "$(cd out && echo *)" "files"
read_all() { python3 -c '
import sys, xml.etree.ElementTree as tree
space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
for name in sys.argv[1:]:
    root = tree.parse(name).getroot()
    locs = [loc.text for loc in root.iter(space + "loc")]
    print(root.tag[len(space):], len(locs), len(set(locs)))
    if len(locs) < 4:
        print(*locs)' "$@"; }
same "urlset 50000 50000
urlset 10 10
sitemapindex 2 2
passed.xml passed-2.xml" "$(read_all out/passed.xml out/passed-2.xml out/passed-index.xml)" "what is in them"
same 50010 "$(cat out/passed.xml out/passed-2.xml | grep -o '<loc>[^<]*' | sort -u | wc -l)" "each once"
same "urlset 50000 50000" "$(read_all one.xml)" "standard output"
contains one.xml "10 more pass"
# fifty thousand fill one file: nothing is left for another
rm out/* && head -n 50000 list.txt >most.txt && mv most.txt list.txt && echo "$NGINX/a.jpg?7" >>list.txt
status 0 weigh -f urls -o sitemap:out/passed.xml
same "passed.xml" "$(cd out && echo *)" "a full file"
# the second cannot be written: the first is not there either
rm out/* && mkdir out/passed-2.xml && echo "$NGINX/a.jpg?more" >>list.txt
status 3 weigh -f urls -o sitemap:out/passed.xml 2>err.txt
contains err.txt "out/passed-2.xml cannot be written"
same "passed-2.xml" "$(cd out && echo *)" "what is left of a report that could not be written"
