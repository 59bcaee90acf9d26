#!/usr/bin/env bash
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# HTML reports in headless Chromium. TAP.
exec /usr/bin/python3 "$TOP/tests/html/check_browser.py" "$@"
