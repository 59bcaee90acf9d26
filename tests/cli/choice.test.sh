# --include, --exclude, --remap, --limit, several profiles, --private.
start_origin
printf '%s\n' "$ORIGIN/ok/10x10.1000.png" "$ORIGIN/ok/20x20.2000.jpg" "$ORIGIN/ok/3000x20.2000.gif" >list.txt
urls() { field url <out.jsonl | sed 's|.*/||' | sort | tr '\n' ' '; }
run() { imgweigh -q -f jsonl "$@" list.txt >out.jsonl 2>err.txt; }
status 0 run --include '\.png$' --include 'jpg'
same "10x10.1000.png 20x20.2000.jpg " "$(urls)"
status 0 run --exclude '\.gif$'
same "10x10.1000.png 20x20.2000.jpg " "$(urls)"
status 0 run --include 'png' --exclude '.'
same "10x10.1000.png " "$(urls)"
status 0 run --remap '/ok/.*=>/ok/7x7.700.png'
same "7x7.700.png 7x7.700.png 7x7.700.png " "$(urls)"
status 3 run --include '^(a+)+$|(x+x+)+y' --include '^(([a-z:/0-9.])+)+!$'
contains err.txt "match limit"
status 1 run -p none --max-side 15
same "ok over over" "$(field verdict <out.jsonl | sort | tr '\n' ' ' | sed 's/ $//')"
status 1 run -p none --formats png,gif
same 1 "$(grep -c format-refused out.jsonl)"
status 1 run -p openai,anthropic,whatsapp
field verdict rules url <out.jsonl | grep -q 'over side-over.*gif' || fail "openai refuses 3000 px"
status 0 run -p openai --detail low
# private addresses: loopback was named by us; where the network leads is another matter
status 1 run --private deny
same private-address "$(field rules <out.jsonl | sort -u)"
status 1 imgweigh -q -f jsonl --max-retries 0 --connect-timeout 1s --from image "$ORIGIN/private/a.png" >out.jsonl
same "broken" "$(field verdict <out.jsonl)"
# tokens by profile and detail; a profile without limits of pixels does not read headers for their sake
tokens() { python3 -c 'import json, sys; print(*(json.loads(l)["tokens"] for l in sys.stdin), sep="\n")' <out.jsonl; }
status 1 run --include jpg -p openai-2026,web,anthropic,openai,anthropic --max-side 10
same "{'openai-2026': 2, 'anthropic': 1, 'openai': 255}" "$(tokens)"
status 0 run --include jpg -p openai,gemini --detail low
same "{'openai': 85, 'gemini': 280}" "$(tokens)"
status 0 run --include jpg -p azure-openai
same None "$(tokens)"
status 0 run --include jpg -p azure-openai --dims always
same "{'azure-openai': 255}" "$(tokens)"
printf '%s\n' '[profile]' 'name = shop' '[tokens]' 'formula = tiles size=512' >shop.ini
status 2 run --profile-dir . -p shop
contains err.txt "shop.ini:4: token formula tiles needs tile="
