/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* --help, made from the tables: examples first, then commands, options by group, exit statuses. */
#include "base/iw.h"
#include "cli/cli.h"

static const struct {
    const char *id, *title;
} groups[] = {
    {"LIMITS", "Limits"},
    {"PROBING", "Asking"},
    {"NETWORK", "Network"},
    {"CHOICE", "Choice of inputs"},
    {"STATE", "History and exit"},
    {"OUTPUT", "Output"},
    {"FIX", "Mending (imgweigh fix)"},
    {"HISTORY", "What was recorded (imgweigh report, imgweigh history)"},
    {"OTHER", "Other"},
};

static const char examples[] =
    "  imgweigh https://shop.example/sitemap.xml      every image that a sitemap names\n"
    "  imgweigh urls.txt -f jsonl >report.jsonl       a list of URLs, one record a line\n"
    "  imgweigh public/                               local files, before they are uploaded\n"
    "  imgweigh -p anthropic,whatsapp urls.txt        by the limits of others\n"
    "  imgweigh -p none --max-bytes 5MB --max-side 2048 urls.txt\n"
    "  imgweigh explain https://cdn.example/a.jpg     one image, request by request\n"
    "  imgweigh fix urls.txt >mended.jsonl            offenders made to fit, as data URIs\n"
    "  imgweigh fix --out-dir small/ public/          ... or as files\n";

static const char exits[] = "  0  everything fits (or is undecided, without --strict)\n"
                            "  1  findings: see --fail-on\n"
                            "  2  the command line, a settings file, a profile or a pattern is wrong\n"
                            "  3  not finished: interrupted, an input unreadable, a report not written\n"
                            "  4  a fault of imgweigh itself\n";

static void print_option(struct iw_buf *out, const struct iw_option *option)
{
    struct iw_buf left;
    iw_buf_init(&left, 512);
    if (option->letter)
        iw_buf_printf(&left, "  -%c, --%s", option->letter, option->name);
    else
        iw_buf_printf(&left, "      --%s", option->name);
    if (option->value[0])
        iw_buf_printf(&left, " %s", option->value);
    bool is_wide = left.len > 32;
    iw_buf_printf(out, "%.*s", IW_STR_ARGS(iw_buf_str(&left)));
    iw_buf_printf(out, "%s%*s%s\n", is_wide ? "\n" : "", is_wide ? 34 : (int)(34 - left.len), "", option->help);
    iw_buf_release(&left);
}

void iw_help_short(struct iw_buf *out)
{
    iw_buf_printf(out, "imgweigh weighs remote images without downloading them.\n\n%s\nimgweigh --help tells all.\n",
                  examples);
}

static void print_options(struct iw_buf *out)
{
    for (size_t g = 0; g < IW_ARRAY_LEN(groups); g++) {
        iw_buf_printf(out, "\n%s\n", groups[g].title);
        for (size_t i = 0; i < iw_options_count; i++)
            if (strcmp(iw_options_table[i].group, groups[g].id) == 0)
                print_option(out, &iw_options_table[i]);
    }
    iw_buf_printf(out, "\nSwitches have a --no- form. Sizes: 500kB, 5MB, 20MiB. Times: 500ms, 20s, 5m.\n");
}

void iw_help_print(struct iw_buf *out, const struct iw_command *command)
{
    if (command) {
        iw_buf_printf(out, "Usage: imgweigh %s [OPTION...] %s\n\n%s\n", command->name, command->arguments,
                      command->details);
    } else {
        iw_buf_printf(out,
                      "Usage: imgweigh [COMMAND] [OPTION...] INPUT...\n\n"
                      "Weighs remote images without downloading them, and judges them by the limits of whoever is to "
                      "take them.\n\n"
                      "Examples\n%s\nCommands\n",
                      examples);
        for (size_t i = 0; i < iw_command_count; i++)
            iw_buf_printf(out, "  %-9s %-10s %s\n", iw_commands[i]->name, iw_commands[i]->arguments,
                          iw_commands[i]->help);
        iw_buf_printf(out,
                      "\nINPUT is a URL, a file, a folder or - (standard input). What it is is seen from its bytes.\n");
    }
    print_options(out);
    iw_buf_printf(out, "\nOutput formats\n");
    for (size_t i = 0; i < iw_writers.count; i++)
        iw_buf_printf(out, "  %-11s %s\n", iw_writers.list[i]->name, iw_writers.list[i]->help);
    iw_buf_printf(out, "\nExit status\n%s\nMore: imgweigh(1), imgweigh-profile(5), imgweigh-record(5)\n", exits);
}

void iw_version_print(struct iw_buf *out)
{
    iw_buf_printf(out, "imgweigh " PACKAGE_VERSION "\n");
    iw_net_versions(out);
    iw_buf_printf(out, " %s\nimages:", iw_source_versions());
    for (size_t i = 0; i < iw_image_format_count; i++)
        iw_buf_printf(out, " %s", iw_image_formats[i]->name);
    iw_buf_printf(out, "\ninputs:");
    for (size_t i = 0; i < iw_source_count; i++)
        iw_buf_printf(out, " %s", iw_sources[i]->name);
    struct iw_buf codecs;
    iw_buf_init(&codecs, 1 << 16);
    iw_pool_versions(NULL, &codecs);
    iw_buf_printf(out, "\nfix: ");
    if (codecs.len)
        iw_buf_add_str(out, iw_buf_str(&codecs));
    else
        iw_buf_printf(out, "built without recompression, or its worker program is missing\n");
    iw_buf_release(&codecs);
    iw_buf_printf(out, "Licence: MIT\n");
}
