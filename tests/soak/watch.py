#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""watch.py SECONDS FILE COMMAND...: runs a command for at most so long and writes down, twice a second: seconds since its start,
resident KiB, open descriptors, bytes of output so far."""
import os
import subprocess
import sys
import time


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def main():
    limit, name, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    began = time.monotonic()
    child = subprocess.Popen(command)
    with open(name, "w") as out:
        while child.poll() is None:
            spent = time.monotonic() - began
            if spent > limit:
                print("soak: not done in time", file=sys.stderr)
                child.kill()
                return 3
            try:
                print(f"{spent:.1f} {resident_kib(child.pid)} {len(os.listdir(f'/proc/{child.pid}/fd'))} "
                      f"{os.fstat(1).st_size}", file=out)
            except (FileNotFoundError, ProcessLookupError):
                break
            time.sleep(0.5)
    return child.wait()


sys.exit(main())
