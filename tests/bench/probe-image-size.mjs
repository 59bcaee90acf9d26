// Copyright (c) 2026 the imgweigh authors
// SPDX-License-Identifier: MIT
//
// probe-image-size.mjs LIST N: size and dimensions of each URL of a list by probe-image-size, N at a time.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import http from 'node:http';

const require = createRequire(process.cwd() + '/');
const probe = require('probe-image-size');
http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: Number(process.argv[3]) });
const urls = readFileSync(process.argv[2], 'utf8').trim().split('\n');
let next = 0, done = 0;

async function worker() {
  while (next < urls.length) {
    const url = urls[next++];
    const { width, height } = await probe(url, { agent: http.globalAgent });
    if (width > 0 && height > 0) done++;
  }
}

const start = process.hrtime.bigint();
await Promise.all(Array.from({ length: Number(process.argv[3]) }, worker));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
console.log(`${done} images in ${seconds.toFixed(3)} s`);
