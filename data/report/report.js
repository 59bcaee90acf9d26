/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* The table of all images in an HTML report: reads the columns that src/report/html_rows.c writes, and shows as many rows
 * as fit the window. Text goes into the page as text, never as markup. */
(() => {
'use strict';

const $ = id => document.getElementById(id);
const meta = JSON.parse($('meta').textContent);
const TEXT = 0, STEP = 2, RECORD = 0;
const PRINTED_MAX = 500, HOSTS_MAX = 300, TAIL_MAX = 36;
const NARROW = matchMedia('(max-width: 760px)');

/* ---- small things ---- */

function element(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(properties || {})) {
        if (key in node && key !== 'role')
            node[key] = value;
        else
            node.setAttribute(key, value);
    }
    node.append(...children.filter(child => child !== null && child !== ''));
    return node;
}

const digits = new Intl.NumberFormat('en-US');
const count = value => digits.format(value);

/* As the program spells sizes: "20.0 MB", "214 kB", "12 B". */
function size(bytes) {
    const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
    let unit = 0;
    while (bytes >= 999.5 && unit < units.length - 1) {
        bytes /= 1000;
        unit++;
    }
    return (unit === 0 || bytes >= 99.95 ? Math.round(bytes) : bytes.toFixed(1)) + ' ' + units[unit];
}

const moment = seconds => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';

/* Only what is a URL as it stands; text that had to be made safe is shown, but leads nowhere. */
const isLink = text => /^https?:\/\/[!-[\]-~]+$/i.test(text);

function hostOf(url) {
    const found = /^https?:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url);
    return found ? found[1] : /^data:/i.test(url) ? 'data URIs' : 'local files';
}

/* ---- reading ---- */

async function inflate(base64) {
    const text = atob(base64), packed = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++)
        packed[i] = text.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

/* Columns by name: arrays of texts and numbers. */
function unpack(bytes) {
    const columns = {}, decoder = new TextDecoder();
    let at = 0;
    const number = () => {
        let value = 0, factor = 1, byte;
        do {
            byte = bytes[at++];
            value += (byte & 127) * factor;
            factor *= 128;
        } while (byte & 128);
        return value;
    };
    for (const [name] of meta.columns)
        columns[name] = [];
    while (at < bytes.length) {
        const rows = number();
        let findings = 0;
        for (const [name, as, per] of meta.columns) {
            const column = columns[name], cells = per === RECORD ? rows : findings, end = number() + at;
            let before = 0;
            if (as === TEXT) {
                const shared = [];
                while (at < end)
                    shared.push(number());
                const length = number();
                const rest = decoder.decode(bytes.subarray(at, at + length)).split('\n');
                at += length;
                let last = '';
                for (let i = 0; i < cells; i++) {
                    if (shared[i] !== last.length || rest[i] !== '')
                        last = last.slice(0, shared[i]) + rest[i];
                    column.push(last);
                }
                continue;
            }
            for (let i = 0; i < cells; i++) {
                let value = number();
                if (as === STEP)
                    before = value = before + (value % 2 ? -(value + 1) / 2 : value / 2);
                if (name === 'findings')
                    findings += value;
                column.push(value);
            }
        }
    }
    return columns;
}

/* ---- the table's state ---- */

let data, total = 0;
let first = [];          /* index of a row's first finding */
let hosts = [], haystack = [];
let view = [];           /* rows that are shown, in order */
let active = -1;         /* index in view */
const filters = { q: '', verdict: '', rule: '', profile: '', host: '', change: '', sort: 'worst' };
const orders = {};       /* rows by each key that was asked for */

/* What is gone has the verdict of the run before, which is none of this run. */
const GONE = meta.changes.indexOf('gone');
const verdictOf = i => data.change[i] === GONE ? '' : meta.verdicts[data.verdict[i]];

/* Not known is NaN, and comes last whichever way. */
const rank = { broken: 4, over: 4, unknown: 3, warn: 2, ok: 1, '': 0 };
const known = value => value || NaN;
const sorts = {
    worst: ['worst first', i => -(rank[verdictOf(i)] * 1e9 + Math.min(data.excess[i], 1e9 - 1))],
    found: ['as found', i => i],
    url: ['URL', i => data.url[i]],
    bytes: ['lightest first', i => known(data.bytes[i])],
    '-bytes': ['heaviest first', i => known(data.bytes[i])],
    pixels: ['fewest pixels first', i => known(data.width[i] * data.height[i])],
    '-pixels': ['most pixels first', i => known(data.width[i] * data.height[i])],
    ms: ['fastest first', i => data.requests[i] ? data.ms[i] : NaN],
    '-ms': ['slowest first', i => data.requests[i] ? data.ms[i] : NaN],
};

function order(name) {
    if (orders[name])
        return orders[name];
    const key = sorts[name][1], sign = name[0] === '-' ? -1 : 1;
    const keys = Array.from({ length: total }, (_, i) => key(i));
    const rows = [], unknown = [];
    for (let i = 0; i < total; i++)
        (keys[i] === keys[i] ? rows : unknown).push(i);
    if (typeof keys[0] === 'string')
        rows.sort((a, b) => keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b);
    else
        rows.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
    return orders[name] = Uint32Array.from(rows.concat(unknown));
}

/* What is searched of a row. Made in pieces while nobody waits. */
function fillHaystack(until) {
    for (let i = haystack.length; i < until; i++) {
        let text = data.url[i] + '\n' + data.final_url[i] + '\n' + data.path[i] + '\n' + data.element[i] + '\n' + data.format[i];
        for (let f = first[i]; f < first[i + 1]; f++)
            text += '\n' + data.message[f];
        haystack.push(text.toLowerCase());
    }
}

function fillLater() {
    if (haystack.length >= total)
        return;
    fillHaystack(Math.min(haystack.length + 5000, total));
    setTimeout(fillLater);
}

function hasFinding(i, rule, profile) {
    for (let f = first[i]; f < first[i + 1]; f++)
        if ((rule < 0 || data.rule[f] === rule) && (!profile || data.profile[f] === profile))
            return true;
    return false;
}

function select() {
    const words = filters.q.toLowerCase().split(/\s+/).filter(word => word);
    const change = meta.changes.indexOf(filters.change);
    const rule = meta.rules.indexOf(filters.rule), wantsFinding = filters.rule || filters.profile;
    if (words.length)
        fillHaystack(total);
    view = [];
    for (const i of order(filters.sort)) {
        if (filters.verdict && verdictOf(i) !== filters.verdict)
            continue;
        if (filters.change && data.change[i] !== change)
            continue;
        if (filters.host && hosts[i] !== filters.host)
            continue;
        if (wantsFinding && !hasFinding(i, rule, filters.profile))
            continue;
        if (words.every(word => haystack[i].includes(word)))
            view.push(i);
    }
}

/* ---- rows ---- */

const grid = $('grid'), scroller = $('scroller');
const body = element('tbody', { role: 'rowgroup' });
const columns = [
    ['verdict', 'Verdict', 'worst', null],
    ['image', 'Image, and where it is named', 'url', null],
    ['bytes', 'Bytes', '-bytes', 'bytes'],
    ['pixels', 'Pixels', '-pixels', 'pixels'],
    ['wrong', 'What is wrong', null, null],
];

function place(i) {
    return data.path[i] + (data.line[i] ? ':' + data.line[i] + ':' + data.column[i] : '');
}

function weight(i) {
    if (!data.bytes[i])
        return '';
    return (data.bytes_from[i] === 'at-least' ? 'at least ' : '') + size(data.bytes[i] - 1);
}

function pixels(i) {
    return data.width[i] ? count(data.width[i]) + '\u202f×\u202f' + count(data.height[i]) : '';
}

/* The most severe finding's sentence, or what went wrong. */
function message(i) {
    let worst = -1;
    for (let f = first[i]; f < first[i + 1]; f++)
        if (worst < 0 || data.severity[f] > data.severity[worst])
            worst = f;
    return worst < 0 ? data.error[i] : data.message[worst] || meta.titles[data.rule[worst]];
}

/* Cut in its middle by the style sheet: a URL's end says most. */
function shortened(text) {
    const at = Math.max(text.lastIndexOf('/'), text.length - TAIL_MAX, 0);
    return element('span', { className: 'middle', title: text }, element('span', { className: 'head' }, text.slice(0, at)),
        element('span', { className: 'tail' }, text.slice(at)));
}

function row(at) {
    const i = view[at], verdict = verdictOf(i), change = meta.changes[data.change[i]];
    const cell = (name, ...children) => element('td', { role: 'gridcell', className: 'c-' + name }, ...children);
    const where = place(i);
    const node = element('tr', { role: 'row', id: 'row-' + at, 'aria-rowindex': at + 2, className: at % 2 ? 'odd' : '' },
        cell('verdict', verdict ? element('span', { className: 'tag v-' + verdict }, verdict) : null,
            change ? element('span', { className: 'tag change' }, change) : null),
        cell('image', shortened(data.url[i]), where ? element('span', { className: 'where' }, where) : null),
        cell('bytes', weight(i)),
        cell('pixels', pixels(i), element('span', { className: 'where' }, data.format[i])),
        cell('wrong', element('span', { className: 'clamped' }, message(i))));
    node.dataset.at = at;
    if (at === active)
        markActive(node);
    return node;
}

function markActive(node) {
    node.classList.add('active');
    node.setAttribute('aria-selected', 'true');
    grid.setAttribute('aria-activedescendant', node.id);
}

let rowHeight = 56;

function render() {
    const height = scroller.clientHeight || 600, head = grid.tHead.offsetHeight;
    const from = Math.max(0, Math.floor((scroller.scrollTop - head) / rowHeight) - 6);
    const to = Math.min(view.length, Math.ceil((scroller.scrollTop + height) / rowHeight) + 6);
    const spacer = rows => {
        const node = element('tr', { role: 'presentation', className: 'spacer', ariaHidden: 'true' }, element('td', { colSpan: columns.length }));
        node.style.height = rows * rowHeight + 'px';
        return node;
    };
    const nodes = [];
    if (from > 0)
        nodes.push(spacer(from));
    for (let at = from; at < to; at++)
        nodes.push(row(at));
    if (to < view.length)
        nodes.push(spacer(view.length - to));
    grid.removeAttribute('aria-activedescendant');
    body.replaceChildren(...nodes);
    if (active >= from && active < to)
        grid.setAttribute('aria-activedescendant', 'row-' + active);
}

function measure() {
    rowHeight = NARROW.matches ? 88 : 56;
    scroller.style.setProperty('--row', rowHeight + 'px');
    scroller.style.setProperty('--content', grid.tHead.offsetHeight + Math.max(view.length, 1) * rowHeight + 2 + 'px');
}

/* However often it is called, action is done once before the next picture. */
function once(action) {
    let waits = false;
    return () => {
        if (!waits)
            requestAnimationFrame(() => {
                waits = false;
                action();
            });
        waits = true;
    };
}

/* ---- moving ---- */

function move(to) {
    if (!view.length)
        return;
    active = Math.max(0, Math.min(view.length - 1, to));
    const head = grid.tHead.offsetHeight, top = active * rowHeight, shown = scroller.clientHeight - head;
    if (top < scroller.scrollTop)
        scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + shown)
        scroller.scrollTop = top + rowHeight - shown;
    render();
}

function onKey(event) {
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.target !== grid || event.altKey || event.ctrlKey || event.metaKey)
        return;
    if (event.key in steps)
        move(active < 0 && steps[event.key] === 1 ? 0 : Math.max(active, 0) + steps[event.key]);
    else if ((event.key === 'Enter' || event.key === ' ') && active >= 0)
        showDetail(active);
    else
        return;
    event.preventDefault();
}

/* ---- one image in full ---- */

const dialog = $('detail');

function link(text) {
    return isLink(text) ? element('a', { href: text, target: '_blank', rel: 'noopener noreferrer', className: 'url' }, text)
        : element('span', { className: 'url' }, text);
}

function boxed(bytes, width, height) {
    return [bytes ? size(bytes) + ' (' + count(bytes) + ' bytes)' : '', width ? count(width) + ' × ' + count(height) + ' px' : '']
        .filter(part => part).join(', ');
}

function facts(i) {
    const tri = ['', 'no', 'yes'], bytes = data.bytes[i] - 1, list = [];
    const add = (term, ...values) => {
        if (values.some(value => value !== '' && value !== null))
            list.push(element('div', {}, element('dt', {}, term), element('dd', {}, ...values)));
    };
    add('named in', place(i) && element('code', {}, place(i)), data.element[i] && ', ', data.element[i] && element('code', {}, data.element[i]),
        data.kind[i] ? ' (' + data.kind[i] + ')' : '');
    add('redirected to', data.final_url[i] && link(data.final_url[i]));
    add('bytes', bytes >= 0 ? boxed(bytes, 0, 0) : 'not known', data.bytes_from[i] ? ' by ' + data.bytes_from[i] : '');
    add('pixels', data.width[i] ? pixels(i) + ' px' : 'not known');
    add('stored as', data.stored_width[i] ? count(data.stored_width[i]) + ' × ' + count(data.stored_height[i]) + ' px' : '',
        data.orientation[i] > 1 ? ' orientation ' + data.orientation[i] : '');
    add('shown at', data.place_width[i] || data.place_height[i] ? [data.place_width[i], data.place_height[i]].map(n => n ? count(n) : 'any').join(' × ') + ' px' : '');
    add('tokens', data.tokens[i]);
    add('format', data.format[i]);
    add('labelled', data.content_type[i]);
    add('animated', tri[data.animated[i]]);
    add('alpha', tri[data.alpha[i]]);
    add('HTTP', data.status[i] ? String(data.status[i]) : '', data.http[i] ? ' over HTTP/' + (data.http[i] >= 20 ? '2' : data.http[i] / 10) : '');
    add('asked', data.requests[i] ? count(data.requests[i]) + (data.requests[i] === 1 ? ' request, ' : ' requests, ') +
        size(data.bytes_read[i]) + ' read, ' + count(data.ms[i]) + ' ms' : '');
    add('error', data.error[i]);
    add('since the last run', meta.changes[data.change[i]]);
    add('was', data.before_verdict[i] ? meta.verdicts[data.before_verdict[i] - 1] + ' ' : '',
        boxed(data.before_bytes[i], data.before_width[i], data.before_height[i]));
    add('offender since', data.since[i] ? moment(data.since[i]) : '');
    add('waived because', data.waiver[i]);
    add('use instead', data.suggestion[i] && link(data.suggestion[i]),
        boxed(data.suggestion_bytes[i], data.suggestion_width[i], data.suggestion_height[i]));
    return list;
}

function findings(i) {
    const list = [];
    for (let f = first[i]; f < first[i + 1]; f++) {
        const severity = meta.severities[data.severity[f]], rule = data.rule[f];
        list.push(element('li', {}, element('span', { className: 'tag ' + severity }, severity), ' ',
            element('b', {}, meta.titles[rule]), ' ', element('code', {}, meta.rules[rule]),
            data.profile[f] ? element('span', {}, ' of ', element('code', {}, data.profile[f])) : '',
            element('p', {}, data.message[f]), element('p', { className: 'advice' }, 'What to do: ' + meta.advice[rule] + '.')));
    }
    return list;
}

function showDetail(at, pressed) {
    active = at;
    const i = view[at], verdict = verdictOf(i), list = findings(i);
    const button = (label, action, isOff) => element('button', { type: 'button', onclick: action, disabled: isOff }, label);
    const go = (name, to) => () => {
        move(to);
        showDetail(to, name);
    };
    const close = button('Close', () => dialog.close(), false);
    dialog.replaceChildren(
        element('div', { className: 'top' }, element('p', {}, verdict ? element('span', { className: 'tag v-' + verdict }, verdict) : 'gone', ' ',
            count(at + 1) + ' of ' + count(view.length)),
        element('div', { className: 'buttons' }, button('Previous', go('Previous', at - 1), at === 0),
            button('Next', go('Next', at + 1), at === view.length - 1), close)),
        element('h2', { id: 'd-title' }, link(data.url[i])),
        ...(list.length ? [element('ol', { className: 'findings' }, ...list)] : []),
        element('dl', { className: 'facts' }, ...facts(i)));
    if (!dialog.open)
        dialog.showModal();
    const again = [...dialog.querySelectorAll('button')].find(node => node.textContent === pressed && !node.disabled);
    (again || close).focus();
}

/* ---- filters ---- */

function fill(id, options) {
    const node = $('f-' + id);
    if (node)
        node.append(...options.map(([value, label]) => element('option', { value: value }, label)));
}

function tally(values) {
    const counts = new Map();
    for (const value of values)
        counts.set(value, (counts.get(value) || 0) + 1);
    return counts;
}

const labelled = (value, text, number) => [value, text + ' (' + count(number) + ')'];

function fillFilters() {
    const byCount = (a, b) => b[1] - a[1];
    const verdicts = tally(data.url.map((_, i) => verdictOf(i))), changes = tally(data.change), rules = tally(data.rule);
    fill('verdict', [...verdicts].filter(([name]) => name).sort(byCount).map(([name, n]) => labelled(name, name, n)));
    fill('change', [...changes].filter(([i]) => i).sort(byCount).map(([i, n]) => labelled(meta.changes[i], meta.changes[i], n)));
    fill('rule', [...rules].sort(byCount).map(([i, n]) => labelled(meta.rules[i], meta.titles[i], n)));
    fill('profile', [...tally(data.profile)].filter(([name]) => name).sort(byCount).map(([name, n]) => labelled(name, name, n)));
    fill('host', [...tally(hosts)].sort(byCount).slice(0, HOSTS_MAX).map(([name, n]) => labelled(name, name, n)));
    $('sort').append(...Object.entries(sorts).map(([name, [label]]) => element('option', { value: name }, label)));
}

/* A value that the list does not offer, since it offers some of many, is added to it. */
function choose(name, value) {
    const node = $(name === 'q' || name === 'sort' ? name : 'f-' + name);
    if (!node || (name === 'sort' && !sorts[value]))
        return;
    filters[name] = value;
    if (node.options && ![...node.options].some(option => option.value === value))
        node.append(element('option', { value: value }, value));
    node.value = value;
}

/* The address tells what is shown, so that it can be handed on. Browsers do not let it change all the time. */
let remembering;
function rememberSoon() {
    clearTimeout(remembering);
    remembering = setTimeout(remember, 300);
}

function remember() {
    const shown = new URLSearchParams(Object.entries(filters).filter(([name, value]) => value && !(name === 'sort' && value === 'worst')));
    const hash = shown.toString();
    if (location.hash.slice(1) !== hash)
        history.replaceState(null, '', hash ? '#' + hash : location.href.split('#')[0]);
}

function recall() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (![...asked.keys()].some(name => name in filters && asked.get(name)))
        return false;
    for (const name of Object.keys(filters))
        choose(name, asked.get(name) || (name === 'sort' ? 'worst' : ''));
    return true;
}

function describe() {
    const all = count(total) + (total === 1 ? ' image' : ' images');
    $('count').textContent = view.length === total ? all : count(view.length) + ' of ' + all;
}

function headers() {
    for (const cell of grid.tHead.rows[0].cells) {
        const sorted = cell.dataset.key && filters.sort.replace('-', '') === cell.dataset.key.replace('-', '');
        if (sorted)
            cell.setAttribute('aria-sort', filters.sort[0] === '-' || filters.sort === 'worst' ? 'descending' : 'ascending');
        else
            cell.removeAttribute('aria-sort');
    }
}

function refresh() {
    select();
    active = -1;
    grid.setAttribute('aria-rowcount', view.length + 1);
    scroller.scrollTop = 0;
    headers();
    describe();
    rememberSoon();
    measure();
    render();
}

function set(name, value) {
    choose(name, value);
    refresh();
}

function clear() {
    for (const name of Object.keys(filters))
        if (name !== 'sort')
            choose(name, '');
}

/* ---- taking rows along ---- */

/* By RFC 4180; what a spreadsheet would take for a formula stands behind an apostrophe. */
function save() {
    const quoted = value => '"' + String(value).replace(/^[=+\-@\t\r]/, "'$&").replace(/"/g, '""') + '"';
    const lines = ['url,source_path,source_line,source_column,element,verdict,rules,bytes,width,height,format,message'];
    for (const i of view) {
        const rules = data.rule.slice(first[i], first[i + 1]).map(rule => meta.rules[rule]).join(' ');
        const cells = [quoted(data.url[i]), quoted(data.path[i]), data.line[i] || '', data.column[i] || '', quoted(data.element[i]),
            verdictOf(i), rules, data.bytes[i] ? data.bytes[i] - 1 : '', data.width[i] || '', data.height[i] || '',
            quoted(data.format[i]), quoted(message(i))];
        lines.push(cells.join(','));
    }
    const url = URL.createObjectURL(new Blob([lines.join('\r\n') + '\r\n'], { type: 'text/csv' }));
    element('a', { href: url, download: 'imgweigh.csv' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/* Paper has no window to scroll in: the first rows as they are chosen. */
function print() {
    const rows = view.slice(0, PRINTED_MAX).map(i => element('tr', {}, element('td', {}, verdictOf(i) || 'gone'),
        element('td', {}, element('span', { className: 'url' }, data.url[i]), element('span', { className: 'where' }, place(i))),
        element('td', { className: 'n' }, weight(i)), element('td', { className: 'n' }, pixels(i)), element('td', {}, message(i))));
    const names = ['Verdict', 'Image', 'Bytes', 'Pixels', 'What is wrong'];
    const more = view.length - rows.length;
    $('printed').replaceChildren(element('table', {}, element('thead', {}, element('tr', {}, ...names.map(name => element('th', { scope: 'col' }, name)))),
        element('tbody', {}, ...rows)), more > 0 ? element('p', {}, 'and ' + count(more) + ' more') : '');
}

/* ---- beginning ---- */

function makeHead() {
    const cells = columns.map(([name, label, key]) => {
        const cell = element('th', { role: 'columnheader', scope: 'col', className: 'c-' + name });
        if (key) {
            cell.dataset.key = key;
            cell.append(element('button', {
                type: 'button',
                onclick: () => {
                    const other = key[0] === '-' ? key.slice(1) : key;
                    set('sort', filters.sort === key && other !== key ? other : filters.sort === key && key !== 'worst' ? 'worst' : key);
                },
            }, label));
        } else {
            cell.append(label);
        }
        return cell;
    });
    grid.append(element('thead', { role: 'rowgroup' }, element('tr', { role: 'row', 'aria-rowindex': 1 }, ...cells)), body);
    grid.setAttribute('aria-colcount', columns.length);
}

/* Summaries above are also ways into the table. */
function show(event, key, value) {
    event.preventDefault();
    clear();
    set(key, value);
    $('images').scrollIntoView();
    $('images').focus({ preventScroll: true });
}

function wireLinks() {
    for (const node of document.querySelectorAll('a.filter'))
        node.addEventListener('click', event => show(event, node.dataset.key, node.dataset.value || node.textContent));
    for (const node of document.querySelectorAll('details[data-value]')) {
        const more = node.querySelector('.more');
        if (more && node.dataset.value)
            more.append(' ', element('a', { href: '#images', onclick: event => show(event, node.dataset.key, node.dataset.value) },
                'Show all'));
    }
}

function wire() {
    const search = once(() => set('q', $('q').value));
    $('q').addEventListener('input', search);
    for (const name of ['verdict', 'rule', 'profile', 'host', 'change'])
        if ($('f-' + name))
            $('f-' + name).addEventListener('change', event => set(name, event.target.value));
    $('sort').addEventListener('change', event => set('sort', event.target.value));
    $('controls').addEventListener('submit', event => event.preventDefault());
    $('clear').addEventListener('click', () => {
        clear();
        refresh();
        $('q').focus();
    });
    $('save').addEventListener('click', save);
    grid.addEventListener('keydown', onKey);
    grid.addEventListener('focus', () => {
        if (active < 0 && view.length)
            move(0);
    });
    body.addEventListener('click', event => {
        const node = event.target.closest('tr[data-at]');
        if (node)
            showDetail(Number(node.dataset.at));
    });
    dialog.addEventListener('close', () => {
        render();
        grid.focus({ preventScroll: true });
    });
    dialog.addEventListener('click', event => {
        if (event.target === dialog)
            dialog.close();
    });
    scroller.addEventListener('scroll', once(render), { passive: true });
    const again = () => {
        measure();
        render();
    };
    addEventListener('resize', again);
    NARROW.addEventListener('change', again);
    addEventListener('hashchange', () => {
        if (recall())
            refresh();
    });
    addEventListener('beforeprint', print);
    addEventListener('afterprint', () => $('printed').replaceChildren());
    wireLinks();
}

async function begin() {
    if (!('DecompressionStream' in window)) {
        $('count').textContent = 'This browser is too old to show the table; all above is complete.';
        return;
    }
    $('count').textContent = 'Reading ' + count(meta.rows) + ' images';
    const packed = $('rows');
    data = unpack(await inflate(packed.textContent));
    packed.remove();
    total = data.url.length;
    let at = 0;
    first = Uint32Array.from({ length: total + 1 }, (_, i) => i ? at += data.findings[i - 1] : 0);
    hosts = data.url.map(hostOf);
    makeHead();
    fillFilters();
    wire();
    $('controls').hidden = scroller.hidden = false;
    recall();
    refresh();
    document.documentElement.dataset.ready = 'yes';
    performance.mark('ready');
    setTimeout(fillLater);
}

begin().catch(error => {
    $('count').textContent = 'The table cannot be shown: ' + error.message;
});
})();
