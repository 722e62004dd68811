"""What is waited for on a socket: frames go in, and it is told when all has come, or what came instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_startup.boot.expected import same
from pytest_startup.boot.outgoing import shown
from pytest_startup.chat.frames import document_of, text_of
from pytest_startup.contract.places import JsonValue

ANY = "*"
"""What stands for any text, also for none, in a frame that is a text."""

SHOWN = 5
"""How many of the frames which came instead are shown: the last ones."""


def is_like(wanted: JsonValue, text: str) -> bool:
    """Whether a frame is the wanted one: a text with `*` for any part of it, or what its JSON has at least."""
    if isinstance(wanted, str):
        return re.fullmatch(".*".join(map(re.escape, wanted.split(ANY))), text, re.DOTALL) is not None
    return same(wanted, document_of(text))


@dataclass(frozen=True, slots=True)
class Came:
    """A frame, and how many seconds after it was waited for."""

    text: str
    at: float

    @property
    def value(self) -> JsonValue:
        """What can be taken apart: its JSON; else its text."""
        document = document_of(self.text)
        return document if isinstance(document, dict | list) else self.text

    def __str__(self) -> str:
        """Return both, in short."""
        return f"{shown(self.value)} after {self.at:.2f} s"


@dataclass(slots=True)
class Awaited:
    """Waits for `wanted`, in whatever order; with `next`, for these before any other but what is `ignored`.

    `others` are frames which came and were none of them.
    """

    wanted: Sequence[JsonValue]
    ignored: Sequence[JsonValue] = ()
    next: bool = False
    others: list[Came] = field(default_factory=list)
    _found: dict[int, Came] = field(default_factory=dict)

    def feed(self, frame: str | bytes, at: float) -> None:
        """Take a frame which came after `at` seconds."""
        came = Came(text_of(frame), at)
        place = next((each for each in self._missing() if is_like(self.wanted[each], came.text)), None)
        if place is not None:
            self._found[place] = came
        elif not any(is_like(each, came.text) for each in self.ignored):
            self.others.append(came)

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return not self._missing() and not (self.next and self.others)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return not self._missing() or (self.next and bool(self.others))

    @property
    def value(self) -> JsonValue:
        """What has come: the frame, of several an array in the order of `wanted`."""
        found = [self._found[each].value for each in sorted(self._found)]
        return found[0] if len(self.wanted) == 1 and found else found

    def missing(self, end: str) -> str:
        """Return what was expected and what came instead; `end` is why no more is waited for."""
        wanted = " and ".join(shown(self.wanted[each]) for each in self._missing())
        return f"{wanted} was expected{' next' if self.next else ''}, not {told(self.others, end)}"

    def _missing(self) -> list[int]:
        return [each for each in range(len(self.wanted)) if each not in self._found]


def told(frames: Sequence[Came], end: str) -> str:
    """Return the last frames in words, and what came after them."""
    more = [f"{len(frames) - SHOWN} frames more"] if len(frames) > SHOWN else []
    return ", then ".join([*more, *map(str, frames[-SHOWN:]), *([end] if end else [])])
