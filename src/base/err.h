/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* Error codes and the slot in which a failure explains itself to a person. */
#ifndef IW_BASE_ERR_H
#define IW_BASE_ERR_H

#include "base/iw.h"

enum iw_err {
#define IW_ERROR(id, text, exit_status) IW_ERR_##id,
#include "base/errors.def"
#undef IW_ERROR
};
#define IW_OK IW_ERR_OK

/* What went wrong with something that a user wrote. The caller provides the storage; it is written
 * only on failure. line and column are 1-based, 0 when there is none. */
struct iw_diag {
    enum iw_err code;
    unsigned line;
    unsigned column;
    char place[256]; /* file name or option, "" when there is none */
    char text[512];  /* one sentence without a final stop */
};

/* The short English text of a code; static storage, never NULL. */
const char *iw_err_text(enum iw_err code);

/* The exit status that a code leads to: 0, 2, 3 or 4. */
int iw_err_exit_status(enum iw_err code);

/* Fills *diag (unless NULL) and returns code, so that a failure is one line:
 * return iw_fail(diag, IW_ERR_SYNTAX, line, column, "expected %s", what); place is left as it is. */
enum iw_err iw_fail(struct iw_diag *diag, enum iw_err code, unsigned line, unsigned column, const char *format, ...)
    IW_PRINTF(5, 6);

/* Copies a file name into diag->place, cut to fit. diag may be NULL. */
void iw_diag_at(struct iw_diag *diag, const char *place);

/* Writes "place:line:column: text" (without the parts that are absent) into out, always terminated. */
void iw_diag_format(const struct iw_diag *diag, char *out, size_t size);

#endif
