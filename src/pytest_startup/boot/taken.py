"""A turn of the chat as a test of somebody's own looks at it: what came, the answer, and assertions of one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from pytest_startup.chat.followed import Followed
from pytest_startup.chat.frames import at as look
from pytest_startup.contract.chat import ExpectedEvent
from pytest_startup.contract.places import JsonValue
from pytest_startup.report.script import Came, beside

Wanted = str | EllipsisType
"""A type of event, or `...` for any number of any events."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A turn that was taken: `question` is the frame that was sent, `nonce` the text by which its answer is told."""

    question: JsonValue
    _turn: Followed
    _failed: Callable[[str, str], AssertionError]

    @property
    def nonce(self) -> str:
        """The text in the question which nobody has seen before."""
        return self._turn.nonce

    @property
    def frames(self) -> Sequence[Came]:
        """All frames that came since the question, in their order."""
        return tuple(self._turn.frames)

    @property
    def events(self) -> Sequence[Came]:
        """The frames whose type the contract does not ignore."""
        return tuple(each for each in self._turn.frames if each.counts)

    @property
    def types(self) -> list[str]:
        """The types of the events."""
        return [each.type for each in self.events]

    @property
    def complete(self) -> bool:
        """Whether all events of the contract's script came, in order, in time, and for this question."""
        return self._turn.complete

    @property
    def problem(self) -> str:
        """Where the turn left the script first, in words; empty when it did not."""
        return "" if self._turn.divergence is None else str(self._turn.divergence)

    @property
    def answer(self) -> Any:  # noqa: ANN401 (JSON)
        """What stands at `chat.answer` in the last event; it fails when the turn is not complete."""
        __tracebackhide__ = True
        path = self._turn.chat.answer
        if path is None:
            raise self._failed("the contract does not say where the answer stands: write chat.answer", "")
        self.assert_complete()
        return look(self._turn.last, path)

    def assert_complete(self) -> None:
        """Fail unless the whole script of the contract came: order, times, nonce, pairs, run and fields."""
        __tracebackhide__ = True
        if not self.complete:
            raise self._failed(f"the turn left its script: {self.problem}", self._beside(self._turn.chat.events))

    def assert_events(self, *wanted: Wanted) -> None:
        """Fail unless exactly these types came in this order, `...` standing for any number of any events."""
        __tracebackhide__ = True
        if not matches(wanted, self.types):
            script = [ExpectedEvent(type=each) for each in wanted if isinstance(each, str)]
            text = self._beside(script, whole=... not in wanted)
            left = f" (the turn ended so: {self.problem})" if self.problem else ""
            names = ", ".join("..." if each is ... else str(each) for each in wanted) or "nothing"
            raise self._failed(f"other events came than {names}{left}", text)

    def _beside(self, script: Sequence[ExpectedEvent], *, whole: bool = True) -> str:
        asked = f"  asked: {json.dumps(self.question)}"
        return "\n".join([asked, "", *beside(script, self.frames, whole=whole)])


def matches(wanted: Sequence[Wanted], types: Sequence[str]) -> bool:
    """Whether these are the wanted types, `...` being any number of them."""
    reached = {0}
    for each in wanted:
        if each is ...:
            reached = set(range(min(reached), len(types) + 1)) if reached else reached
        else:
            reached = {place + 1 for place in reached if place < len(types) and types[place] == each}
    return len(types) in reached
