#!/bin/sh
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
#
# Makes configure and its helpers from configure.ac and the *.am files.
set -eu
cd "$(dirname "$0")"
autoreconf -fi
