# Every image of the corpus: the same facts read from a file, by ranges (nginx), and by whole answers (a server without ranges).
[ -d "${IW_CORPUS-}/images" ] || skip "the corpus is not here"
start_nginx "$IW_CORPUS/images"
python3 - >plain.port 2>/dev/null <<'END' &
import functools, http.server, os, socketserver
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=os.environ["IW_CORPUS"] + "/images"))
print(server.server_address[1], flush=True)
server.serve_forever()
END
for _ in $(seq 100); do
    [ -s plain.port ] && break
    sleep 0.05
done
python3 - "$NGINX" "http://127.0.0.1:$(cat plain.port)" <<'END'
import csv, os, sys, urllib.parse
top = os.environ["IW_CORPUS"] + "/images"
rows = [row["path"] for row in csv.DictReader(open(top + "/truth.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE)]
for name, base in ("nginx", sys.argv[1]), ("plain", sys.argv[2]):
    open(name + ".txt", "w").write("".join(base + "/" + urllib.parse.quote(path) + "\n" for path in rows))
END
for way in nginx plain; do imgweigh -q -v -f jsonl --dims always $way.txt >$way.jsonl || [ $? = 1 ] || fail "$way: exit status $?"; done
imgweigh -q -v -f jsonl --dims always "$IW_CORPUS/images" >local.jsonl || [ $? = 1 ] || fail "local: exit status $?"
python3 - "$IW_CORPUS/images/" <<'END' || fail "facts differ"
import json, sys, urllib.parse
keys = "format", "width", "height", "stored_width", "stored_height", "orientation", "animated", "alpha"
def read(name, cut):
    found = {}
    for line in open(name):
        record = json.loads(line)
        if "url" in record:
            found[cut(record["url"])] = tuple(record[key] for key in keys)
    return found
url = lambda text: urllib.parse.unquote(text.split("/", 3)[3])
local = read("local.jsonl", lambda text: text[len(sys.argv[1]):])
bad = 0
for name in "nginx.jsonl", "plain.jsonl":
    found = read(name, url)
    bad += len(found) < 300
    for path, facts in found.items():
        if path in local and facts != local[path]:
            print("#", name, path, facts, "instead of", local[path])
            bad += 1
    print("#", name, len(found), "images")
sys.exit(bad > 0)
END
