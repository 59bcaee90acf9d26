#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""check_browser.py [NAME...]: HTML reports in a headless browser. TAP."""
import json
import os
import sys
import tempfile
import traceback

import browser
import pages
import speed
from pages import records

READY = "document.documentElement.dataset.ready"
work = tempfile.TemporaryDirectory()
tests = []


def test(function):
    tests.append(function)
    return function


def same(seen, expected, what=""):
    if seen != expected:
        raise AssertionError(f"{what}: {seen!r} is not {expected!r}")


def address(name):
    return "file://" + pages.path_of(work.name, name)


def open_page(b, name, hash_text=""):
    b.go("about:blank")
    b.go(address(name) + hash_text)
    b.wait_for(READY)


def rows(b):
    """The texts of the rows that are drawn, by cell."""
    return b.run("return [...document.querySelectorAll('#grid tr[data-at]')].map(r => [...r.cells].map(c => c.innerText))")


def shown(b):
    return b.run("return document.getElementById('count').textContent")


def give(b, name, value):
    """Chooses a value in a field, as a user does."""
    b.run("const n = document.getElementById(arguments[0]); n.value = arguments[1];"
          "n.dispatchEvent(new Event('input', {bubbles: true})); n.dispatchEvent(new Event('change', {bubbles: true}))", name, value)
    b.run_later("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(0)))")


@test
def search_finds_what_holds_all_words(b):
    wanted = [r for r in records("3000", "compared") if "cdn.shop" in r["url"] and ".webp" in r["url"]]
    open_page(b, "compared")
    same(shown(b), "3,000 images")
    give(b, "q", "cdn.SHOP .webp")
    same(shown(b), f"{len(wanted)} of 3,000 images")
    give(b, "q", "no such thing anywhere")
    same(shown(b), "0 of 3,000 images")
    same(rows(b), [])
    give(b, "q", "")
    same(shown(b), "3,000 images")


@test
def sorts_put_the_heaviest_first_and_the_unknown_last(b):
    weights = [r["bytes"] for r in records("3000", "compared")]
    open_page(b, "compared")
    for key, order in (("-bytes", sorted((w for w in weights if w), reverse=True)), ("bytes", sorted(w for w in weights if w))):
        b.run("const s = document.getElementById('sort'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))", key)
        b.run("document.querySelector('#grid tr[data-at]').click()")
        text = b.run("return document.getElementById('detail').innerText")
        b.press("Escape")
        assert f"({order[0]:,} bytes)" in text, text
    b.run("document.getElementById('scroller').scrollTop = 1e9")
    b.wait_for("[...document.querySelectorAll('#grid tr[data-at]')].at(-1)?.dataset.at === '2999'")
    same(rows(b)[-1][2], "", "the last has no size")
    b.run("document.querySelector('#grid th.c-pixels button').click()")
    same(b.run("return document.querySelector('#grid th.c-pixels').getAttribute('aria-sort')"), "descending")
    b.run("document.querySelector('#grid th.c-pixels button').click()")
    same(b.run("return document.querySelector('#grid th.c-pixels').getAttribute('aria-sort')"), "ascending")


@test
def filters_choose_by_verdict_rule_profile_host_and_change(b):
    every = records("3000", "compared")
    open_page(b, "compared")

    def expect(count):
        same(shown(b), f"{count:,} of 3,000 images")

    give(b, "f-verdict", "over")
    expect(sum(r["verdict"] == "over" for r in every))
    give(b, "f-verdict", "")
    give(b, "f-rule", "larger-than-needed")
    expect(sum(any(f["rule"] == "larger-than-needed" for f in r["findings"]) for r in every))
    give(b, "f-profile", "google-merchant")
    expect(sum(any(f["rule"] == "larger-than-needed" and f["profile"] == "google-merchant" for f in r["findings"]) for r in every))
    b.run("document.getElementById('clear').click()")
    give(b, "f-host", "cdn.shop.example")
    expect(sum(r["url"].startswith("https://cdn.shop.example/") for r in every))
    b.run("document.getElementById('clear').click()")
    give(b, "f-change", "new")
    told = b.run("return [...document.querySelectorAll('details[data-key=change]')].find(d => d.dataset.value === 'new').querySelector('.number').textContent")
    expect(int(told.replace(",", "")))
    b.wait_for("location.hash.includes('change=new')")


@test
def an_address_tells_what_is_shown(b):
    every = records("3000", "compared")
    count = sum(r["verdict"] == "broken" and "static.old" in r["url"] for r in every)
    open_page(b, "compared", "#q=static.old&verdict=broken&sort=-ms")
    same(shown(b), f"{count} of 3,000 images")
    same(b.run("return document.getElementById('f-verdict').value"), "broken")
    b.run("document.querySelector('a.tile[data-value=over]').click()")
    same(shown(b), f"{sum(r['verdict'] == 'over' for r in every)} of 3,000 images")
    b.wait_for("location.hash === '#verdict=over&sort=-ms'")


@test
def a_row_tells_all_of_its_record(b):
    record = next(r for r in records("3000", "compared") if len(r["findings"]) > 1)
    open_page(b, "compared")
    give(b, "q", record["url"])
    b.run("document.querySelector('#grid tr[data-at]').click()")
    text = b.run("return document.getElementById('detail').innerText")
    for part in [record["url"], f"{record['source']['path']}:{record['source']['line']}:{record['source']['column']}", record["source"]["element"],
                 f"{record['bytes']:,} bytes", record["bytes_from"], *(f["message"] for f in record["findings"]),
                 *(f["rule"] for f in record["findings"])]:
        assert part in text, f"{part!r} is not in {text!r}"
    link = b.run("const a = document.querySelector('#detail h2 a'); return [a.href, a.rel, a.target]")
    same(link, [record["url"], "noopener noreferrer", "_blank"])


@test
def keys_are_enough(b):
    open_page(b, "compared")
    focused = "return document.activeElement.id || document.activeElement.textContent"
    b.press("Tab")
    same(b.run(focused), "Skip to the table of all images")
    b.press("Enter")
    for _ in range(20):
        b.press("Tab")
        if b.run(focused) == "q":
            break
    same(b.run(focused), "q", "the search comes soon")
    b.press(*"front")
    b.wait_for("document.getElementById('count').textContent.startsWith('1,000 of')")
    for _ in range(12):
        b.press("Tab")
        if b.run(focused) == "grid":
            break
    same(b.run(focused), "grid", "then the table")
    same(b.run("return document.querySelector('#grid').getAttribute('aria-activedescendant')"), "row-0")
    b.press("Down", "Down", "PageDown", "Up")
    at = b.run("return Number(document.querySelector('#grid').getAttribute('aria-activedescendant').slice(4))")
    assert at > 3, at
    b.press("End")
    same(b.run("const r = document.getElementById(document.querySelector('#grid').getAttribute('aria-activedescendant'));"
               "const a = r.getBoundingClientRect(), s = document.getElementById('scroller').getBoundingClientRect();"
               "return [r.getAttribute('aria-rowindex'), r.getAttribute('aria-selected'), a.bottom <= s.bottom + 1 && a.top >= s.top]"),
         ["1001", "true", True], "the last row")
    b.press("Home", "Enter")
    same(b.run("return document.getElementById('detail').open"), True, "Enter opens")
    same(b.run("return document.activeElement.textContent"), "Close")
    b.run("[...document.querySelectorAll('#detail button')].find(n => n.textContent === 'Next').focus()")
    b.press("Enter", "Enter")
    same(b.run("return [document.querySelector('#detail .top p').textContent, document.activeElement.textContent]"), ["over 3 of 1,000", "Next"])
    b.press("Tab")
    same(b.run("return document.activeElement.textContent"), "Close")
    b.press("Escape")
    same(b.run("return [document.getElementById('detail').open, document.activeElement.id]"), [False, "grid"], "Escape closes")
    outline = b.run("const n = document.getElementById('scroller'); return getComputedStyle(n).outlineStyle")
    same(outline, "solid", "the focus is seen")


@test
def readers_are_told_what_is_there(b):
    open_page(b, "compared")
    same(b.run("const g = document.getElementById('grid'); return [g.getAttribute('role'), g.getAttribute('aria-rowcount'), g.getAttribute('aria-colcount')]"),
         ["grid", "3001", "5"])
    same(b.run("const n = document.getElementById('count'); return n.getAttribute('role')"), "status")
    unnamed = b.run("return [...document.querySelectorAll('input, select')].filter(n => !n.labels.length).map(n => n.id)")
    same(unnamed, [])
    same(b.run("return [...document.querySelectorAll('svg')].filter(s => !(s.getAttribute('aria-label') || s.getAttribute('aria-hidden'))).length"), 0)
    same(b.run("return document.querySelectorAll('h1').length"), 1)
    ids = b.run("return [...document.querySelectorAll('[id]')].map(n => n.id)")
    same(len(ids), len(set(ids)), "ids are used once")
    tree = b.cdp("Accessibility.getFullAXTree")["nodes"]
    roles = {node["role"]["value"] for node in tree if "role" in node and not node.get("ignored")}
    missing = {"banner", "main", "contentinfo", "grid", "row", "gridcell", "columnheader", "search", "status", "heading"} - roles
    same(missing, set(), "roles")


@test
def paper_gets_charts_lists_and_rows_but_no_controls(b):
    open_page(b, "compared")
    give(b, "f-verdict", "over")
    b.run("addEventListener('beforeprint', () => window.printedRows = document.querySelectorAll('#printed tbody tr').length)")
    pdf = b.cdp("Page.printToPDF", printBackground=True)["data"]
    assert len(pdf) > 20000, len(pdf)
    count = int(shown(b).split()[0].replace(",", ""))
    same(b.run("return window.printedRows"), min(count, 500), "printed rows")
    same(b.run("return document.querySelectorAll('#printed tr').length"), 0, "and they go again")
    b.media("print")
    hidden = b.run("return ['#controls', '#scroller', '.skip'].map(s => getComputedStyle(document.querySelector(s)).display)")
    same(hidden, ["none"] * 3)
    same(b.run("return [...document.querySelectorAll('.chart')].every(s => s.getBoundingClientRect().height > 100)"), True)
    b.media()


CONTRAST = """
const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const parse = c => { const m = c.match(/[0-9.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const ratio = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
const ground = n => { for (; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
const low = [];
for (const d of document.querySelectorAll('details')) d.open = true;
for (const n of document.body.querySelectorAll('*')) {
    const owns = [...n.childNodes].some(c => c.nodeType === 3 && c.textContent.trim());
    const box = n.getBoundingClientRect();
    if (!box.width || !box.height || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION', 'title'].includes(n.tagName)) continue;
    const style = getComputedStyle(n), isMark = n.ownerSVGElement && ['rect', 'path'].includes(n.tagName) && !/grid|rest/.test(n.getAttribute('class') || '');
    const colour = n.ownerSVGElement ? (isMark && style.fill === 'none' ? style.stroke : style.fill) : style.color;
    if (!owns && !isMark) continue;
    if (n.disabled) continue;
    const found = ratio(parse(colour), ground(isMark ? n.ownerSVGElement.parentElement : n)), least = isMark ? 3 : 4.5;
    if (found < least) low.push(`${n.tagName}.${n.getAttribute('class')} ${found.toFixed(2)} "${n.textContent.trim().slice(0, 20)}"`);
}
return [...new Set(low)].slice(0, 10);
"""


@test
def colours_have_contrast_by_day_and_night(b):
    papers = []
    for scheme in ("light", "dark"):
        b.media(prefers_color_scheme=scheme)
        open_page(b, "compared")
        same(b.run(CONTRAST), [], scheme)
        b.run("document.querySelector('#grid tr[data-at]').click()")
        same(b.run(CONTRAST), [], scheme + ", details")
        papers.append(b.run("return getComputedStyle(document.body).backgroundColor"))
    b.media()
    assert papers[0] != papers[1], papers


@test
def narrow_windows_scroll_one_way(b):
    for width in (390, 760, 1280):
        b.window(width, 844)
        for name in ("compared", "hostile", "harm", "empty"):
            open_page(b, name)
            b.run("for (const d of document.querySelectorAll('details')) d.open = true")
            same(b.run("return document.documentElement.scrollWidth"), width, f"{name} at {width}")
        heights = b.run("return [...new Set([...document.querySelectorAll('#grid tr[data-at]')].map(r => r.getBoundingClientRect().height))]")
        same(len(heights) <= 1, True, f"rows are as high as each other: {heights}")
    b.window(1280, 900)


@test
def without_script_the_summary_and_the_offenders_are_there(b):
    b.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        b.go("about:blank")
        b.go(address("compared"))
        text = b.run("return document.body.innerText")
        for part in ("images do not pass", "What is wrong, and what to do", "What to do:", "Since the last run", "Hosts", "needs JavaScript"):
            assert part in text, part
        same(b.run("return [document.getElementById('controls').checkVisibility(), document.querySelectorAll('.items li').length > 20]"), [False, True])
    finally:
        b.cdp("Emulation.setScriptExecutionDisabled", value=False)


def events(b, method):
    messages = [json.loads(entry["message"])["message"] for entry in b.log("performance")]
    return [m["params"] for m in messages if m["method"] == method]


@test
def strangers_do_no_harm(b):
    b.log("performance")
    b.log("browser")
    for name in ("hostile", "harm"):
        open_page(b, name)
        b.run("window.alert = () => document.title = 'owned'; for (const d of document.querySelectorAll('details')) d.open = true")
        for at in range(60):
            b.run("const r = document.querySelector(`#grid tr[data-at='${arguments[0]}']`); if (r) r.click();"
                  "else document.getElementById('scroller').scrollTop = arguments[0] * 56", at)
            b.run("document.getElementById('detail').close()")
        give(b, "q", "</script>")
        text = b.run("return document.body.textContent")
        assert "</script><script>" in text
        assert "\\u{202E}" in text and "\\x1B" in text and "\u202e" not in text
        assert "owned" not in b.run("return document.title")
        same(b.run("return document.querySelectorAll('script').length"), 2, "the script and what it is told")
        same(b.run("return document.querySelectorAll('img, iframe, object, embed').length"), 0)
        links = b.run("return [...document.links].map(a => a.getAttribute('href')).filter(h => !/^(https?:|#)/.test(h))")
        same(links, [])
    requests = [e["request"]["url"] for e in events(b, "Network.requestWillBeSent")]
    same([u for u in requests if not u.startswith(("file:", "data:", "about:"))], [], "requests")
    same([e["message"] for e in b.log("browser")], [], "complaints")


@test
def the_page_forbids_itself_the_network(b):
    open_page(b, "one")
    b.run("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
          "const i = new Image(); i.src = 'http://127.0.0.1:9/a.png'; document.body.append(i);"
          "fetch('http://127.0.0.1:9/').then(() => window.ran = 2, () => window.refused = 1)")
    b.wait_for("window.refused")
    same(b.run("return window.ran || 0"), 0)
    blocked = [e["message"] for e in b.log("browser") if "Content Security Policy" in e["message"]]
    assert len(blocked) >= 3, blocked


@test
def rows_are_taken_along_as_csv(b):
    open_page(b, "hostile")
    b.run("window.taken = null; URL.createObjectURL = blob => { blob.text().then(t => window.taken = t); return '#'; }")
    b.run("document.getElementById('save').click()")
    b.wait_for("window.taken")
    lines = b.run("return window.taken").split("\r\n")
    same(len(lines), 60 + 2, "a header, the rows, an end")
    assert any(line.startswith('"\'=cmd|') for line in lines), "a formula is none"


@test
def an_empty_report_says_so(b):
    open_page(b, "empty")
    same(b.run("return document.querySelector('h1').textContent"), "No images were found")
    same(shown(b), "0 images")
    open_page(b, "one")
    same(shown(b), "1 image")


@test
def a_hundred_thousand_images_are_shown_and_searched(b):
    size = os.path.getsize(pages.path_of(work.name, "large"))
    open_page(b, "large")
    same(shown(b), "100,000 images")
    figures = speed.measure(b)
    assert size <= 3000000, size
    assert figures["first paint"] < 10000 and figures["search"] < 5000, figures
    return f"{size / 1e6:.2f} MB, " + ", ".join(f"{name} {value:.0f} ms" for name, value in figures.items())


def main():
    names = sys.argv[1:]
    chosen = [t for t in tests if not names or t.__name__ in names]
    print(f"1..{len(chosen)}", flush=True)
    if not browser.is_here():
        for number in range(1, len(chosen) + 1):
            print(f"ok {number} # SKIP chromium and chromium-driver are not installed")
        return
    with browser.Browser() as b:
        for number, function in enumerate(chosen, 1):
            title = function.__name__.replace("_", " ")
            try:
                more = function(b)
                print(f"ok {number} - {title}" + (f": {more}" if more else ""), flush=True)
            except Exception:
                print(f"not ok {number} - {title}", flush=True)
                print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()[-6:]), end="", flush=True)


try:
    main()
finally:
    work.cleanup()
