# Settings: the user's file, that of the folder, the environment, flags; and what a folder's file may not say.
mkdir -p config/imgweigh
printf '[network]\nmax-concurrency = 11\ntimeout = 3s\nheader = X-One: 1\n' >config/imgweigh/config.ini
printf 'timeout = 4s\nmax-retries = 7\n' >.imgweigh.ini
IMGWEIGH_MAX_RETRIES=9 imgweigh --print-config --top 5 >out.txt || fail "exit status"
contains out.txt "max-concurrency = 11    ; $PWD/config/imgweigh/config.ini:2"
contains out.txt "timeout = 4000ms    ; ./.imgweigh.ini:1"
contains out.txt "max-retries = 9    ; environment"
contains out.txt "top = 5    ; command line"
contains out.txt "header = X-One: 1"
for line in "header = Cookie: x" "proxy = http://x" "insecure = yes" "resolve = a:1:2" "output = jsonl:/tmp/x" "output = jsonl:../x" "private = allow"; do
    printf 'top = 3\n%s\n' "$line" >.imgweigh.ini
    status 2 imgweigh --print-config 2>err.txt >out.txt
    contains err.txt "./.imgweigh.ini:2:"
done
printf 'no-such-thing = 1\n' >.imgweigh.ini
status 2 imgweigh --print-config 2>err.txt >out.txt
contains err.txt "unknown option --no-such-thing"
# a profile of the user's own
rm .imgweigh.ini
mkdir -p config/imgweigh/profiles
printf '[profile]\nname = tiny\n[limit max_side_px]\nvalue = 5\nsource = me\nconfidence = derived\n' >config/imgweigh/profiles/tiny.ini
start_origin
status 1 imgweigh -q -p tiny,none -f jsonl --from image "$ORIGIN/ok/10x10.1000.png" >out.jsonl
same "over side-over" "$(field verdict rules <out.jsonl)"
printf '[profile]\nname = tiny\n[limit max_side_px]\nvalue = 5 MB\n' >config/imgweigh/profiles/tiny.ini
status 2 imgweigh -p tiny x 2>err.txt
contains err.txt "tiny.ini:4:"
