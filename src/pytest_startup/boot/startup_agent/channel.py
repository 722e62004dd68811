"""The private line to whoever booted us."""

import contextlib
import json
import os
import select
import socket
import threading

from .clock import now


class Channel:
    """The private line to whoever booted us; silent after a fork, and after the other end has gone."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.lock = threading.RLock()
        self.rest = b""
        self.silent = False
        os.register_at_fork(after_in_child=self._silence)

    def _silence(self):
        self.lock = threading.RLock()
        self.socket = None

    @contextlib.contextmanager
    def silence(self):
        """Say nothing until the end of the block."""
        self.silent = True
        try:
            yield
        finally:
            self.silent = False

    def emit(self, kind, **fields):
        """Send one event, stamped now unless it brings its own time."""
        if self.silent:
            return
        fields.setdefault("at", now())
        line = json.dumps(dict(fields, kind=kind), default=repr).encode() + b"\n"
        with self.lock:
            if self.socket is not None:
                try:
                    self.socket.sendall(line)
                except OSError:
                    self.socket = None

    def read(self):
        """Return the next line as an object; None at the end."""
        while b"\n" not in self.rest:
            part = self.socket.recv(65536) if self.socket is not None else b""
            if not part:
                return None
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def waiting(self, seconds):
        """Whether a line can be read, waiting at most `seconds`."""
        return b"\n" in self.rest or bool(select.select([self.socket], [], [], seconds)[0])
