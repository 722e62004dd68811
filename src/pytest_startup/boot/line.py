"""Our end of the private line to the agent inside the application."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from pytest_startup.boot.recorder import Recorder
from pytest_startup.clock import Deadline

MEASURE_SECONDS = 5.0
"""How long a look at a place within the application may take there."""

LAST_WORDS_SECONDS = 1.0
"""Longer waits would be for a child which has inherited the line."""


class Line:
    """Takes what the agent says into the trace, and tells it what to do. Nobody at the other end is no error."""

    def __init__(self, recorder: Recorder) -> None:
        """Prepare; nobody is at the other end until `connected`."""
        self._recorder = recorder
        self._tickets = count(1)
        self._ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._listener: threading.Thread | None = None
        self._hooks: dict[str, Callable[[dict[str, Any]], None]] = {}

    @property
    def attached(self) -> bool:
        """Whether there is an agent at all."""
        return self._ours is not None

    @contextmanager
    def connected(self) -> Iterator[int]:
        """Yield the descriptor which the process of the agent is to inherit; the line is gone after the block."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._ours, self._theirs = ours, theirs
            yield theirs.fileno()

    def hear(self, kind: str, hook: Callable[[dict[str, Any]], None]) -> None:
        """Have messages of a kind that is no event given to `hook`."""
        self._hooks[kind] = hook

    def begin(self, plan: dict[str, Any]) -> None:
        """Listen, once the process is there, and give the agent its plan."""
        if self._ours is not None and self._theirs is not None:
            self._theirs.close()
            listener = threading.Thread(target=self._listen, args=(self._ours,), name="startup-channel", daemon=True)
            listener.start()
            self._listener = listener
            self._send(plan)

    def hear_out(self) -> None:
        """Wait for the last words of a process that has ended."""
        if self._listener is not None:
            self._listener.join(LAST_WORDS_SECONDS)

    def tell(self, command: str, **arguments: object) -> None:
        """Have the agent do something; it answers, if at all, in the trace."""
        self._send({"command": command, **arguments})

    def ask(self, deadline: Deadline, kind: str, command: str, **arguments: object) -> dict[str, Any] | None:
        """Have the agent do something, and return its reply of this kind; None when it does not come in time."""
        if not self.attached:
            return None
        ticket = self.order(command, **arguments)
        return self._recorder.reply(deadline, kind=kind, ticket=ticket)

    def measure(self, place: Mapping[str, object] | None, deadline: Deadline) -> tuple[int, str]:
        """Return how many a place holds, as the agent sees it, or -1 and why it cannot tell."""
        reply_by = deadline.within(MEASURE_SECONDS + 1)
        found = self.ask(reply_by, "Measured", "measure", place=place, limit=MEASURE_SECONDS)
        if found is None:
            return -1, "the application's process does not say"
        return (-1 if found["count"] is None else int(found["count"])), str(found["problem"])

    def order(self, command: str, **arguments: object) -> int:
        """Have the agent do something, and return the ticket of its reply."""
        ticket = next(self._tickets)  # an answer that comes too late is nobody's
        self.tell(command, **{**arguments, "ticket": ticket})
        return ticket

    def _send(self, message: dict[str, Any]) -> None:
        if self._ours is not None:
            with suppress(OSError):  # it has gone; its exit tells
                self._ours.sendall(json.dumps(message).encode() + b"\n")

    def _listen(self, channel: socket.socket) -> None:
        """Take what the agent says until it says no more, however that ends: it may die before it has heard us."""
        with suppress(OSError), channel.makefile("rb") as lines:
            for line in lines:
                message = json.loads(line)
                self._hooks.get(message["kind"], self._recorder.take)(message)
