#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""check.py FORMAT KIND COUNT FILE: exits 1 with a word when a report of tests/report/feed.c is not what its format says,
or not what its records say. Schemas are those beside the project or of the corpus; what is missing is said and skipped (77)."""
import collections
import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

FORMAT, KIND, COUNT, PATH = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
DATA = open(PATH, "rb").read()
TOP, CORPUS = os.environ["TOP"], os.environ.get("IW_CORPUS", "")
# of ten records: the verdicts of feed.c
VERDICTS = ["over", "ok", "over", "broken", "over", "warn", "over", "ok", "over", "unknown"]
RECORDS = [VERDICTS[n % 10] for n in range(COUNT)]
HAS_CHANGES = KIND in ("changes", "hostile")
WAIVED = [n for n, v in enumerate(RECORDS) if HAS_CHANGES and v in ("over", "broken") and n // 2 % 5 == 4]
GONE = [n for n in range(COUNT) if HAS_CHANGES and n % 20 == 11]
FIXED = [n for n in range(COUNT) if HAS_CHANGES and n % 20 == 7]
FINDINGS = sum((2 if n % 20 == 0 else 1) for n, v in enumerate(RECORDS) if v != "ok")
WAIVED_FINDINGS = sum(2 if n % 20 == 0 else 1 for n in WAIVED)


def must(holds, what):
    if not holds:
        print(f"{FORMAT} {KIND}: {what}")
        sys.exit(1)


def skip(what):
    print(f"SKIP {what}")
    sys.exit(77)


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    must(done.returncode == 0, f"{command[0]} says {done.stdout[-300:]!r} {done.stderr[-600:]!r}")
    return done.stdout


def text():
    """The report as text: UTF-8, and none of what turns a line round or moves a cursor."""
    decoded = DATA.decode("utf-8")
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", decoded)
    must(not found, f"an unsafe character at {found and found.start()}")
    return decoded


def unsafe_free_json():
    return json.loads(DATA.decode("utf-8"))


def schema_of(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        skip(f"{name} is not there")
    return json.load(open(path, encoding="utf-8"))


def valid(document, schema, validator="Draft202012Validator", store=None):
    try:
        import jsonschema
    except ImportError:
        skip("python3-jsonschema is not installed")
    resolver = jsonschema.RefResolver.from_schema(schema, store=store or {})
    for error in getattr(jsonschema, validator)(schema, resolver=resolver).iter_errors(document):
        must(False, f"{error.message[:300]} at {list(error.absolute_path)}")


def check_jsonl():
    lines = DATA.decode("utf-8").split("\n")
    must(lines.pop() == "", "the last line has no end")
    schema = schema_of(f"{TOP}/doc/schema", "record.schema.json")
    must(len(lines) == COUNT + (KIND == "incomplete"), "lines")
    for line in lines[:200] + lines[-5:]:
        valid(json.loads(line), schema)


def check_json():
    document = unsafe_free_json()
    report = schema_of(f"{TOP}/doc/schema", "report.schema.json")
    record = schema_of(f"{TOP}/doc/schema", "record.schema.json")
    report["$id"] = "file:///report.schema.json"
    must([r["verdict"] for r in document["records"]] == RECORDS, "records")
    document["records"] = document["records"][:200]
    valid(document, report, store={"file:///record.schema.json": record})
    must(document["summary"]["complete"] == (KIND != "incomplete"), "complete")
    must((document["summary"]["changes"] is not None) == HAS_CHANGES, "changes")


def check_csv():
    rows = list(csv.DictReader(text().split("\r\n")[:-1]))
    must(len(rows) == COUNT + (KIND == "incomplete"), "rows")
    must(all(None not in row and None not in row.values() for row in rows), "cells")
    must([row["verdict"] for row in rows][:COUNT] == RECORDS, "verdicts")
    must(not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values()), "a formula")
    if HAS_CHANGES:
        must([n for n, row in enumerate(rows) if row["change"] == "waived"] == WAIVED, "waived")
        must([n for n, row in enumerate(rows) if row["change"] == "gone"] == GONE, "gone")


def check_sarif():
    document = unsafe_free_json()
    run_ = document["runs"][0]
    results, driver = run_["results"], run_["tool"]["driver"]
    shown = FINDINGS
    must(len(results) == min(shown, 25000), f"{len(results)} results of {shown}")
    for result in results:
        must(driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex")
        place = result["locations"][0]["physicalLocation"]
        must(re.fullmatch(r"([A-Za-z0-9._~/!$&'()*+,;=@-]|%[0-9A-F]{2}|%[0-9a-f]{2}|:(?=//))+", place["artifactLocation"]["uri"]),
             f"uri {place['artifactLocation']['uri'][:200]}")
        must(not re.match("https?:", place["artifactLocation"]["uri"]), "a URI that GitHub refuses")
        region = place["region"]  # columns of SARIF are characters, ours are bytes: those stand beside
        must(region["startColumn"] == 1 and region["endLine"] == region["startLine"], "region")
        must(region.get("endColumn") == 2 or region["properties"]["byteColumn"] > 1, "column")
    prints = collections.Counter(r["partialFingerprints"]["primaryLocationLineHash"] for r in results)
    must(max(prints.values()) == 1, "fingerprints are not unique")
    levels = ["error", "warning", "note"]
    ranks = [levels.index(r["level"]) for r in results if "suppressions" not in r]
    must(ranks == sorted(ranks), "order")
    notes = [n["descriptor"]["id"] for n in run_["invocations"][0]["toolExecutionNotifications"]]
    must(("results-cut" in notes) == (shown > 5000), "a word about what is cut")
    must(run_["invocations"][0]["executionSuccessful"] == (KIND != "incomplete") == ("incomplete" not in notes), "incomplete")
    if HAS_CHANGES:
        must(notes.count("gone") == len(GONE) and notes.count("fixed") == len(FIXED), "gone and fixed")
        must(sum("suppressions" in r for r in results) == WAIVED_FINDINGS, "suppressions")
        must({r.get("baselineState") for r in results} >= {"new", "unchanged", "updated"}, "baselineState")
    run_["results"] = results[:60] + results[-20:]
    valid(document, schema_of(f"{CORPUS}/schemas", "sarif-schema-2.1.0.json"), "Draft7Validator")


def parsed_xml():
    text()
    if shutil.which("xmllint"):
        run("xmllint", "--huge", "--noout", PATH)
    return xml.etree.ElementTree.fromstring(DATA)


def check_junit():
    suite = parsed_xml().find("testsuite")
    cases = suite.findall("testcase")
    names = collections.Counter(case.get("name") for case in cases)
    must(max(names.values()) == 1, "two tests of one name")
    tags = {tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")}
    must(int(suite.get("tests")) == len(cases), "tests")
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        must(int(suite.get(attribute)) == tags[tag], attribute)
    must(tags["skipped"] == len(WAIVED), "waived")
    passing = [case for case in cases if len(case) == 0]
    must(sum(not case.get("name").startswith("images that pass") for case in passing) == len(FIXED), "fixed")
    must(len(DATA) < 30_000_000, "GitLab's limit")
    offenders = sum(v in ("over", "broken", "unknown") for v in RECORDS)
    must(tags["failure"] + tags["error"] + tags["skipped"] == min(offenders, 20000) + (KIND == "incomplete"), "offenders")
    if not shutil.which("xmllint") or not os.path.isdir(f"{CORPUS}/schemas"):
        skip("xmllint or the schemas are missing")
    for schema in ("junit-10.xsd", "junit-windyroad.xsd"):
        run("xmllint", "--huge", "--noout", "--schema", f"{CORPUS}/schemas/{schema}", PATH)


def check_github():
    """The grammar of workflow commands: ::name key=value,key=value::message, and % escapes in both."""
    lines = text().split("\n")
    must(lines.pop() == "", "the last line has no end")
    counts = collections.Counter()
    for line in lines:
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        must(match, f"no command: {line[:200]}")
        counts[match[1]] += 1
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        must(set(properties) <= {"file", "line", "col", "title"} and "title" in properties, f"properties {properties}")
        must(not re.search("%(?!25|0D|0A|3A|2C)", match[2] + match[3]), "a stray %")
    must(counts["error"] == counts["warning"] == 10 and counts["notice"] == (KIND == "incomplete"), f"{counts}")
    must(sum("more, see the job summary" in line for line in lines) == 2, "and how many more")


def check_gitlab():
    issues = unsafe_free_json()
    expected = FINDINGS - WAIVED_FINDINGS
    remarks = sum(issue["location"]["path"] == "imgweigh" for issue in issues)
    must(remarks == (KIND == "incomplete") + (expected > 25000), "remarks")
    must(len(issues) == min(expected, 25000) + remarks, f"{len(issues)} issues of {expected}")
    must(len({issue["fingerprint"] for issue in issues}) == len(issues), "fingerprints are not unique")
    for issue in issues:
        must(set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}, "keys")
        must(issue["severity"] in ("info", "minor", "major", "critical", "blocker"), "severity")
        must(issue["description"] and issue["location"]["path"] and issue["location"]["lines"]["begin"] >= 1, "location")
        must(not issue["location"]["path"].startswith("./"), "path")


def check_harmless(document, width):
    """Nothing in a page but what the writer made."""
    try:
        import html5lib
    except ImportError:
        skip("python3-html5lib is not installed")
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(document)
    allowed = {"html", "head", "meta", "title", "body", "table", "tbody", "thead", "tr", "td", "th", "h1", "h2", "p", "b", "a", "br",
               "span", "strong", "wbr", "ul", "li", "details", "summary", "blockquote"}
    for node in tree.iter():
        must(node.tag in allowed, f"an element {node.tag}")
        for name, value in node.attrib.items():
            must(not name.startswith("on"), f"an attribute {name}")
            if name == "href":
                must(re.match("https?://", value), f"a link to {value[:100]}")
            must(name in ("href", "style", "role", "width", "cellpadding", "cellspacing", "align", "lang", "charset", "name",
                          "content", "open"), f"an attribute {name}")
    if width:
        for row in tree.iter("tr"):
            must(len(list(row)) == width, f"{len(list(row))} cells: {''.join(row.itertext())[:300]!r}")
    return tree, parser.errors


def check_markdown():
    document = text()
    must(len(DATA) < 900 * 1024, f"{len(DATA)} bytes")
    must(("Not finished" in document) == (KIND == "incomplete"), "not finished")
    must(("since the run before" in document) == HAS_CHANGES, "changes")
    if not shutil.which("cmark-gfm"):
        skip("cmark-gfm is not installed")
    page = run("cmark-gfm", "--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", PATH).decode("utf-8")
    tree, _ = check_harmless(page, 2)
    rows = len(list(tree.iter("tr"))) - len(list(tree.iter("table")))
    more = sum(int(m[1].replace(",", "")) for m in re.finditer(r"(?m)^and ([\d,]+) more$", document))
    news = len(list(tree.iter("li")))
    must(rows + news + more == sum(v != "ok" for v in RECORDS) + len(FIXED) + len(GONE), f"{rows} rows, {news} lines, {more} more")


def check_html_mail():
    text()
    must(len(DATA) < 100_000, f"{len(DATA)} bytes")
    tree, errors = check_harmless(DATA.decode("utf-8"), 0)
    must(not errors, f"{errors}")
    links = [a for a in tree.iter("a")]
    must(KIND == "hostile" or 20 <= len(links) <= 60, f"{len(links)} links")
    must(("and " in html.unescape(DATA.decode("utf-8"))) and "more</b>" in DATA.decode("utf-8"), "how many more")


def check_checkstyle():
    root = parsed_xml()
    must(root.tag == "checkstyle", root.tag)
    errors = list(root.iter("error"))
    must(len(errors) == FINDINGS - WAIVED_FINDINGS + (KIND == "incomplete"), f"{len(errors)} errors")
    for error in errors:
        must(set(error.attrib) == {"line", "column", "severity", "message", "source"}, "attributes")
        must(error.get("severity") in ("info", "warning", "error") and int(error.get("line")) > 0, "severity")


def check_tap():
    text()
    perl = """
use TAP::Parser; my $p = TAP::Parser->new({source => $ARGV[0]}); my %n; my $bail = 0;
while (my $r = $p->next) {
    $bail = 1 if $r->is_bailout; next unless $r->is_test;
    $n{$r->has_todo ? "todo" : $r->has_skip ? "skip" : $r->is_actual_ok ? "ok" : "not"}++;
}
print join(" ", map { "$_=" . ($n{$_} // 0) } qw(ok not skip todo)), " bail=$bail errors=", scalar($p->parse_errors), "\\n";
print STDERR join("; ", ($p->parse_errors)[0..3]) if $p->parse_errors && !$bail;
"""
    # Perl's parser knows version 13, of which this is a part but for the escapes
    must(DATA.startswith(b"TAP version 14\n"), "version")
    with tempfile.NamedTemporaryFile(suffix=".tap") as older:
        older.write(DATA.replace(b"TAP version 14", b"TAP version 13", 1))
        older.flush()
        told = dict(pair.split("=") for pair in run("perl", "-e", perl, older.name).decode().split())
    waived = len(WAIVED)
    bad = sum(v in ("over", "broken") for v in RECORDS)
    must(int(told["bail"]) == (KIND == "incomplete"), "bail out")
    if KIND != "incomplete":
        must(told["errors"] == "0", f"{told}")
    must([int(told[k]) for k in ("ok", "not", "skip", "todo")] ==
         [sum(v in ("ok", "warn") for v in RECORDS), bad - waived, RECORDS.count("unknown"), waived], f"{told}")
    for line in re.findall(r"(?m)^ +(?:at|- rule|message): (\".*)$", text()):
        json.loads(line)


def check_prometheus():
    decoded = text()
    values = dict(line.rsplit(" ", 1) for line in decoded.splitlines() if not line.startswith("#"))
    for verdict in set(VERDICTS):
        must(int(values[f'imgweigh_images{{verdict="{verdict}"}}']) == RECORDS.count(verdict), verdict)
    found = sum(int(v) for k, v in values.items() if k.startswith("imgweigh_findings{"))
    must(found == FINDINGS, f"{found} findings")
    must(values["imgweigh_run_complete"] == ("0" if KIND == "incomplete" else "1"), "complete")
    must("://" not in decoded and ".example" not in decoded, "a URL")
    promtool = shutil.which("promtool")
    if not promtool:
        skip("promtool is not installed")
    done = subprocess.run([promtool, "check", "metrics"], input=DATA, capture_output=True, check=False)
    must(done.returncode == 0 and not done.stderr, f"promtool: {done.stderr[-500:]!r} {done.stdout[-500:]!r}")


def check_sitemap():
    root = parsed_xml()
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    must(root.tag == space + "urlset", root.tag)
    urls = [loc.text for loc in root.iter(space + "loc")]
    must(len(urls) == len(set(urls)) and len(urls) <= 50000, "each once")
    must(all(re.match("https?://[!-~]+$", url) and len(url) < 2048 for url in urls), "URLs")
    passing = sum(v in ("ok", "warn") for v in RECORDS) - len(GONE)
    must(KIND == "hostile" or len(urls) == min(passing, 50000), f"{len(urls)} of {passing}")
    must(passing <= 50000 or b"more pass" in DATA, "a note")


def check_urls():
    lines = text().split("\n")
    must(lines.pop() == "", "the last line has no end")
    must(len(lines) == len(set(lines)), "each once")
    bad = sum(v in ("over", "broken") for v in RECORDS) - len(WAIVED)
    must(KIND == "hostile" or len(lines) == bad, f"{len(lines)} of {bad}")


globals()["check_" + FORMAT.replace("-", "_")]()
