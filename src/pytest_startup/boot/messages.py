"""Messages which are put in inside the process for one user, and can be told from those of all others."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from pytest_startup.boot.line import Line
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.walk import Values, filled
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.places import Place
from pytest_startup.events.used import PUT_SECONDS

REPLY_SECONDS = 1.0
"""How much longer we wait for the word that a call has not returned."""

_WORD = re.compile(r"put[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A message on its way in: whose it is, its number, and the ticket of the reply."""

    user: str
    number: int
    ticket: int


@dataclass(slots=True)
class Messages:
    """Puts messages in with the agent at the other end of `line`; knows whose each is, and its number."""

    recorder: Recorder
    line: Line
    _owners: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether there is an agent that could put them in."""
        return self.line.attached

    def count(self, user: str) -> int:
        """Return how many messages there have been for a user."""
        return sum(owner == user for owner, _ in list(self._owners.values()))

    def order(self, place: Place, user: str, number: int, values: Values) -> Ordered:
        """Have a message put in; raises `ContractError` for a useless template."""
        word = f"put{secrets.token_hex(8)}"
        self._owners[word] = (user, number)
        put = filled(place.as_json(), values.within(**{NONCE: word}))
        return Ordered(user, number, self.line.order("put", place=put, limit=PUT_SECONDS))

    def refused(self, ordered: Ordered, deadline: Deadline) -> str:
        """Wait for the end of the call, and return what it raised; empty when it took the message."""
        limit = deadline.within(PUT_SECONDS + REPLY_SECONDS)
        reply = self.recorder.reply(limit, kind="Put", ticket=ordered.ticket)
        if reply is None or not reply["returned"]:
            return f"it did not return within {PUT_SECONDS:g} s"
        return self.recorder.mask(reply["raised"])

    def put(self, place: Place, user: str, number: int, values: Values, deadline: Deadline) -> str:
        """Put one message in, and return what that raised; empty when it was taken."""
        return self.refused(self.order(place, user, number, values), deadline)

    def within(self, text: str) -> list[tuple[str, int]]:
        """Return the messages in a frame, each once: whose, and its number."""
        return [self._owners[word] for word in dict.fromkeys(_WORD.findall(text)) if word in self._owners]


@dataclass(slots=True)
class Inbox:
    """What has come for one user: the `numbers` of the messages in their order; `foreign` counts those of others."""

    messages: Messages
    user: str
    numbers: list[int] = field(default_factory=list)
    foreign: int = 0

    def take(self, text: str) -> bool:
        """Note the messages in a frame; say whether there was one."""
        found = self.messages.within(text)
        self.numbers += [number for user, number in found if user == self.user]
        self.foreign += sum(user != self.user for user, _ in found)
        return bool(found)
