/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* imgweigh weighs remote images without unloading them. The map:
 *
 *   main.c -> cli.c        options, then a command: cmd_check.c, cmd_fix.c, cmd_explain.c, cmd_profiles.c,
 *                        cmd_report.c, cmd_history.c
 *   cmd_check -> audit/    the pump: inputs become leads, leads targets, targets facts, facts verdicts
 *     audit -> source/     bytes of a list, a CSV, a sitemap, a page -> leads
 *     audit -> url/        a lead -> a canonical URL, in scope or not
 *     audit -> probe/      what to ask next, and what the answers prove
 *     audit -> net/        runs the requests: libuv loop, libcurl, a queue per host, the guard
 *     probe -> image/      first bytes -> format and pixel size, or "more, from there"
 *     audit -> rules/      facts and limits -> findings and a verdict
 *     audit -> recompress/ an offender's bytes -> a JPEG that fits, in a confined process (pixels/)
 *     cmd_check -> store/  verdicts -> a database of runs, and what differs from the one before
 *     cmd_check -> report/ verdicts -> text, JSON Lines, CSV
 */
#include "base/iw.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return iw_cli_main(argc, argv);
}
