#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# HTML reports without a browser: their markup by html5lib, their columns, what they leave out. TAP.
exec /usr/bin/python3 "$TOP/tests/html/check_pages.py" "$@"
