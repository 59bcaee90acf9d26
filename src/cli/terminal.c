/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a terminal can: colours by --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM, in this order; its width; links
 * by FORCE_HYPERLINK and what names a terminal that is known to have them; characters beyond ASCII by the locale. */
#include "base/iw.h"
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0];
}

bool iw_terminal_colour(int choice, int fd)
{
    const char *term = getenv("TERM"), *clicolour = getenv("CLICOLOR"), *force = getenv("CLICOLOR_FORCE");
    if (choice != IW_AUTO)
        return choice == IW_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    if (force && force[0] && strcmp(force, "0") != 0)
        return true;
    if ((clicolour && strcmp(clicolour, "0") == 0) || !term || strcmp(term, "dumb") == 0)
        return false;
    return isatty(fd);
}

unsigned iw_terminal_columns(int fd)
{
    struct winsize size;
    if (!isatty(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* Nothing asks a terminal whether it knows OSC 8, and some print what they do not know. Within screen and tmux it is
 * not the terminal's own answer that counts. */
bool iw_terminal_hyperlinks(int fd)
{
    static const char *const terms[] = {"alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty"};
    static const char *const programs[] = {"Hyper",     "Tabby",  "WezTerm", "ghostty",
                                           "iTerm.app", "mintty", "rio",     "vscode"};
    enum { VTE_SINCE = 5000 };
    const char *term = getenv("TERM"), *program = getenv("TERM_PROGRAM"), *vte = getenv("VTE_VERSION");
    const char *force = getenv("FORCE_HYPERLINK");
    if (force && force[0])
        return strcmp(force, "0") != 0;
    if (!isatty(fd) || !term || strncmp(term, "screen", 6) == 0 || strncmp(term, "tmux", 4) == 0)
        return false;
    for (size_t i = 0; i < IW_ARRAY_LEN(terms); i++)
        if (strncmp(term, terms[i], strlen(terms[i])) == 0)
            return true;
    for (size_t i = 0; program && i < IW_ARRAY_LEN(programs); i++)
        if (strcmp(program, programs[i]) == 0)
            return true;
    return (vte && strtol(vte, NULL, 10) >= VTE_SINCE) || is_set("KONSOLE_VERSION") || is_set("WT_SESSION") ||
           is_set("DOMTERM");
}

bool iw_terminal_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; /* the first that is set says it */
    for (size_t i = 0; i < IW_ARRAY_LEN(names); i++)
        if (is_set(names[i]))
            return strcasestr(getenv(names[i]), "utf-8") || strcasestr(getenv(names[i]), "utf8");
    return false;
}
