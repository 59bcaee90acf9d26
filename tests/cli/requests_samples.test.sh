# Every sample beside the corpus is judged as the facts about its consumers say: each planted fault with its line and custom_id, and
# each trap that is none left alone.
samples=${IW_CORPUS:-none}/../requests
[ -d "$samples" ] || skip "the samples of request files are not here"
start_origin
cat >cases.py <<'END'
import json, subprocess, sys

samples, program, port = sys.argv[1], sys.argv[2].split(), sys.argv[3]
OK, RAW = "ok -", "$.body.messages[0].content[0].image_url.url"
SHAPES = {  # (file, profile): records by line and custom_id, then how many images the consumer alone knows
    ("openai-chat.json", "openai-2026"): ([OK, OK], 0),
    ("openai-responses.json", "openai-2026"): ([OK] * 5, 1),
    ("openai-moderation-batch.jsonl", "openai"): (["1 m1 ok -"], 0),
    ("openai-thread-message.json", "openai"): ([OK], 1),
    ("azure-batch.jsonl", "azure-openai"): (["1 az-0 ok -"], 0),
    ("gemini-camel.json", "gemini"): ([OK, OK], 1),
    ("gemini-batch.jsonl", "gemini"): (["1 k1 ok -"] * 2, 1),
    ("bedrock-converse.json", "bedrock-nova"): ([OK, OK], 1),
    ("bedrock-batch-converse.jsonl", "bedrock-nova"): (["1 CALL0000002 ok -"] * 2, 1),
    ("mistral-object.json", "mistral"): ([OK], 0),
    ("mistral-batch.jsonl", "mistral"): (["1 0 ok -"], 0),
    ("ollama-chat.json", "none"): ([OK, OK], 0),
    ("langchain-v1.json", "openai"): ([OK, OK], 1),
    ("langchain-js-v1.json", "openai"): ([OK, OK], 0),
    ("litellm.json", "gemini"): ([OK, OK], 0),
    ("mcp-tool-result.json", "anthropic"): ([OK, OK], 0),
    ("anthropic-batch.json", "anthropic"): (
        ["17 q1 ok -", "24 q1 ok -", "68 q1 ok -", "102 q2 over type-mismatch"], 1),
    # 21 images: 20 of 2001 px, which is a fault by their number alone
    ("anthropic-many-images.json", "anthropic"): (["over side-over,many-images-side-over"] * 20 + [OK], 0),
    ("anthropic-many-images.json", "anthropic-bedrock"): (
        ["1 over request-images-over"] + ["over side-over,many-images-side-over"] * 20 + [OK], 0),
    # 35,344 patches: refused where nothing is scaled down, scaled down with detail high
    ("openai-chat-batch.jsonl", "openai-2026"): (
        ["1 r1 ok -", "2 r2 ok -", "3 r3-35344-patches over patches-over",
         "4 r4-same-image-detail-high-is-fine warn side-over,larger-than-needed"], 0),
    ("invalid.jsonl", "openai"): (
        ["1 cut broken bad-json", "2 broken bad-json", "3 broken bad-json", "4 broken bad-json"], 0),
    ("traps-crlf-bom-noeol.jsonl", "openai"): (["1 slash-escaped ok -", "3 numbers ok -"], 0),
    ("traps.jsonl", "openai"): (
        ["1 slash-escaped ok -", "2 u002B-escaped ok -", "3 numbers ok -", "4 dup-keys ok -", "5 escaped-key ok -",
         "6 key-order ok -", "9 no-mime warn bad-data-uri", "10 charset-param ok -", "11 image-jpg ok -",
         "12 mislabelled-jpeg-as-png warn type-mismatch", "13 double-prefix broken bad-data-uri",
         "14 newlines-in-base64 warn bad-data-uri", "15 base64url-alphabet warn bad-data-uri",
         "16 truncated-png warn bad-data-uri", "17 animated-gif over animated-refused", "18 bmp over format-refused",
         "19 svg-percent-encoded over format-refused", "20 exif-orientation-6 ok -", "21 wide-9000 over side-over",
         "22 presigned-2h broken connect-failure,url-expiring", "23 localhost broken connect-failure,private-address",
         "24 utf8-raw ok -"], 0),
    # and what Anthropic makes of labels
    ("traps.jsonl", "anthropic"): (None, 0),
}
wrong = []
for (name, profile), (expected, ids) in SHAPES.items():
    run = subprocess.run(
        program + ["-p", profile, "--max-retries", "0", "-f", "jsonl", "-o", "text:told.txt",
                   "--remap", rf"^https://images\.example\.test/.*=>http://pictures.test:{port}/ok/640x480.5000.jpg",
                   "--resolve", f"pictures.test:{port}:127.0.0.1", "--resolve", "bucket.s3.amazonaws.com:443:127.0.0.1",
                   f"{samples}/{name}"], capture_output=True, text=True)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    told = []
    for r in sorted(records, key=lambda r: (r["source"]["line"], r["source"]["column"])):
        rules = ",".join(f["rule"] for f in r["findings"]) or "-"
        told.append(((r["source"]["line"], r["custom_id"], r["verdict"], rules), r))
    if expected is None:
        found = [f"{k[1]} {k[2]} {k[3]}" for k, _ in told if k[1] in ("mislabelled-jpeg-as-png", "image-jpg")]
        expected = ["image-jpg over type-mismatch", "mislabelled-jpeg-as-png over type-mismatch"]
    else:
        found = []
        for (line, custom_id, verdict, rules), _ in told:
            words = [verdict, rules]
            want = expected[len(found)] if len(found) < len(expected) else ""
            if want[:1].isdigit():
                words = [str(line)] + ([custom_id] if custom_id else []) + words
            found.append(" ".join(words))
    if found != expected:
        wrong.append(f"{name} by {profile}:\n  expected {expected}\n  found    {found}\n{run.stderr}")
    for _, r in told:
        if r["url"].endswith(name) or r["source"]["path"].endswith(name):
            continue
        wrong.append(f"{name}: no place: {r}")
    known = [line for line in open("told.txt") if "known to the consumer alone" in line]
    if (int(known[0].split()[0]) if known else 0) != ids:
        wrong.append(f"{name}: {known} instead of {ids} images that are not weighed")
print("\n".join(wrong))
sys.exit(bool(wrong))
END
python3 cases.py "$samples" "timeout 60 ${IW_WRAP-} $IMGWEIGH" "$PORT" >wrong.txt 2>&1 || fail "$(cat wrong.txt)"
