// Copyright (c) 2026 the imgweigh authors
// SPDX-License-Identifier: MIT
//
// sharp.mjs JOBS DIR: sharp as a peer of bench_pixels, with the same words as pillow-recipe.py. With JOBS 1 it has one
// thread and makes one picture at a time; else its own defaults and JOBS * 4 pictures at once.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join} from 'node:path';
import {createInterface} from 'node:readline';

const sharp = createRequire(join(process.cwd(), 'package.json'))('sharp');
const jobs = Number(process.argv[2]), folder = process.argv[3];
sharp.cache(false);
if (jobs === 1)
    sharp.concurrency(1);

const recipe = data => sharp(data, {limitInputPixels: false})
    .resize({width: 1280, height: 960, fit: 'inside', kernel: 'lanczos3'})
    .flatten({background: '#fff'})
    .jpeg({quality: 85, optimiseCoding: true, chromaSubsampling: '4:2:0'})
    .toBuffer();

for await (const path of createInterface({input: process.stdin})) {
    try {
        const data = readFileSync(path), count = jobs === 1 ? 1 : jobs * 4;
        const start = performance.now(), before = process.cpuUsage();
        const results = await Promise.all(Array.from({length: count}, () => recipe(data)));
        const wall = (performance.now() - start) / count, cpu = process.cpuUsage(before);
        writeFileSync(join(folder, basename(path) + '.jpg'), results[0]);
        console.log([wall.toFixed(3), ((cpu.user + cpu.system) / 1e3).toFixed(3), results[0].length, '', '', '',
            (process.resourceUsage().maxRSS / 1024).toFixed(1)].join('\t'));
    } catch (error) {
        console.log('failed: ' + String(error).split('\n')[0]);
    }
}
