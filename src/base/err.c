/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Error texts and exit statuses from errors.def; the sentence that explains a failure. */
#include "base/iw.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    int exit_status;
} rows[] = {
#define IW_ERROR(id, text, exit_status) [IW_ERR_##id] = {text, exit_status},
#include "base/errors.def"
#undef IW_ERROR
};

const char *iw_err_text(enum iw_err code)
{
    return (size_t)code < IW_ARRAY_LEN(rows) ? rows[code].text : "an unknown error";
}

int iw_err_exit_status(enum iw_err code)
{
    return (size_t)code < IW_ARRAY_LEN(rows) ? rows[code].exit_status : 4;
}

enum iw_err iw_fail(struct iw_diag *diag, enum iw_err code, unsigned line, unsigned column, const char *format, ...)
{
    if (!diag)
        return code;
    diag->code = code;
    diag->line = line;
    diag->column = column;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(diag->text, sizeof diag->text, format, args);
    va_end(args);
    return code;
}

void iw_diag_at(struct iw_diag *diag, const char *place)
{
    if (diag)
        (void)snprintf(diag->place, sizeof diag->place, "%s", place);
}

void iw_diag_format(const struct iw_diag *diag, char *out, size_t size)
{
    char where[32] = "";
    if (diag->line && diag->column)
        (void)snprintf(where, sizeof where, "%u:%u: ", diag->line, diag->column);
    else if (diag->line)
        (void)snprintf(where, sizeof where, "%u: ", diag->line);
    const char *text = diag->text[0] ? diag->text : iw_err_text(diag->code);
    (void)snprintf(out, size, "%s%s%s%s", diag->place, diag->place[0] ? (where[0] ? ":" : ": ") : "", where, text);
}
