/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a terminal can: colours by --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM, in this order; its width. */
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
