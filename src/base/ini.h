/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* INI text to (section, key, value, line), read by libinih. Profiles and settings files are both INI. */
#ifndef IW_BASE_INI_H
#define IW_BASE_INI_H

#include "base/err.h"
#include "base/str.h"

/* Called for each key. section is "" before the first header; all strings are terminated and die with
 * the call. Return IW_OK to go on; another code stops and is returned by iw_ini_parse(). */
typedef enum iw_err (*iw_ini_fn)(void *user, const char *section, const char *key, const char *value, unsigned line,
                                 struct iw_diag *diag);

/* Parses text. Comments: a line that starts with ';' or '#', and " ;" behind a value. Continuation lines
 * are refused. IW_ERR_SYNTAX with line for what is no INI, else what fn returned, else IW_ERR_NOMEM. */
enum iw_err iw_ini_parse(struct iw_str text, iw_ini_fn fn, void *user, struct iw_diag *diag) IW_MUST_USE;

#endif
