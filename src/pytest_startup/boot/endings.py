"""How connections end, well and badly, and that nothing is left of any of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot import raw_frames
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import Visit, Visitor
from pytest_startup.clock import Deadline
from pytest_startup.contract.malformed import ENDS
from pytest_startup.events.sockets import SocketEnded

ANSWER_SECONDS = 3.0
"""How long a close frame may wait for the one which answers it."""

PROCESS = "tasks and connections of the process"

_CLOSES: Mapping[str, bytes] = {
    "close-1000": raw_frames.close(1000),
    "close-1001": raw_frames.close(1001),
    "close-without-code": raw_frames.frame(raw_frames.CLOSE),
}


@dataclass(frozen=True, slots=True)
class Endings:
    """One user's connections, one after another, while somebody else's goes on."""

    visit: Visit
    user: Visitor
    witness: Visitor
    deadline: Deadline

    def all(self) -> None:
        """End a connection in each way."""
        with self.witness.open(self.deadline) as other:
            for end in ENDS:
                if not self.deadline.expired:
                    self._try(end, other)

    def _try(self, end: str, other: Socket) -> None:
        visit, within_seconds = self.visit, self.visit.socket.gone_within
        place = next(iter(visit.socket.connections), None)
        asked = None if place is None else self.user.place(place)
        before, problem = visit.measure(asked, self.deadline)
        opened = self.user.open(self.deadline)
        during, seconds, after = -1, 0.0, -1
        if not problem:
            during, problem, _ = visit.until(asked, lambda count: count > before, within_seconds, self.deadline)
        answer = _end(end, opened, self.deadline)
        if not problem:
            after, problem, seconds = visit.until(asked, lambda count: count <= before, within_seconds, self.deadline)
        witness = self.witness.lives(other, self.deadline)
        if not self.deadline.expired:
            visit.recorder.add(
                SocketEnded(
                    at=visit.recorder.elapsed(),
                    end=end,
                    measure=PROCESS if place is None else place.text,
                    before=before,
                    during=during,
                    after=after,
                    seconds=seconds,
                    answer=answer,
                    witness=witness,
                    problem=visit.recorder.mask(problem),
                )
            )


def _end(end: str, opened: Socket, deadline: Deadline) -> str:
    """End a connection, and return what the server says to a close frame; empty where it gets none."""
    answer = ""
    with suppress(OSError):
        if end in _CLOSES:
            opened.send_raw(_CLOSES[end], deadline)
            answer = _goodbye(opened, deadline.within(ANSWER_SECONDS))
        elif end == "in-mid-frame":
            opened.send_raw(raw_frames.frame(raw_frames.TEXT, b"half of it")[:-5], deadline)
    if end == "reset":
        opened.reset()
    else:
        opened.drop()
    return answer


def _goodbye(opened: Socket, limit: Deadline) -> str:
    try:
        while True:  # whatever else is on its way
            opened.receive(limit)
    except OSError as error:
        return silence(error)
