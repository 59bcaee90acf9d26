#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""schema_valid.py SCHEMA <RECORDS: exits 1 at the first JSON line that the schema refuses."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for number, line in enumerate(sys.stdin, 1):
    errors = list(validator.iter_errors(json.loads(line)))
    if errors:
        print(f"# line {number}: {errors[0].message[:300]}\n# {line[:300]}")
        sys.exit(1)
