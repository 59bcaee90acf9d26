#!/usr/bin/env python3
# Copyright (c) 2026 the imgweigh authors
# SPDX-License-Identifier: MIT
"""terminal.py COLUMNS COMMAND...: runs the command with its standard output on a terminal so wide, and prints what came, with
escape sequences made visible: ESC as ^[, the end of a string (ST) as ^[\\. Exits with the command's status."""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    if os.environ.get("STDERR"):
        os.dup2(os.open(os.environ["STDERR"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    os.execvp(command[0], command)
seen = b""
while True:
    try:
        piece = os.read(master, 65536)
    except OSError:  # the other end is closed
        break
    if not piece:
        break
    seen += piece
sys.stdout.buffer.write(seen.replace(b"\r\n", b"\n").replace(b"\x1b", b"^["))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
