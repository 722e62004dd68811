"""Somebody who puts the id of another user into a frame: it must be refused, or be their own all the same."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pytest_startup.boot.binding import bound
from pytest_startup.boot.expected import same
from pytest_startup.boot.inputs import Judging
from pytest_startup.boot.outgoing import Statement
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import Reply, Visit, Visitor, listen
from pytest_startup.boot.walk import nonce
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import document_of, type_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.spoofing import Spoof
from pytest_startup.events.sockets import SpoofTried

REFUSED, SERVED = "refused", "served"

AFTER_SECONDS = 0.3
"""How long the other user's socket is watched when all is over."""

SQL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pretending:
    """Whoever pretends, `user`, and whom they pretend to be, `other`."""

    visit: Visit
    user: Visitor
    other: Visitor
    deadline: Deadline

    def all(self, spoof: Spoof) -> None:
        """Try it at every field."""
        for field in spoof.fields:
            if not self.deadline.expired:
                self._try(spoof, field)

    def _try(self, spoof: Spoof, field: str) -> None:
        word, recorder, heard = nonce(), self.visit.recorder, Reply()
        with self.other.open(self.deadline) as theirs, self.user.open(self.deadline) as mine:
            outcome = self._ask(spoof, field, word, mine)
            with suppress(OSError, ValueError):
                listen(theirs, heard, lambda _: False, self.deadline.within(AFTER_SECONDS))
        strayed = next((text for text in heard.heard if word in text), "")
        recorded, unasked = self._recorded(spoof, word)
        if not self.deadline.expired:
            recorder.add(
                SpoofTried(
                    at=recorder.elapsed(),
                    field=field,
                    outcome=recorder.mask(outcome),
                    strayed=self.user.shown([strayed])[0],
                    recorded=recorded,
                    unasked=recorder.mask(unasked),
                )
            )

    def _ask(self, spoof: Spoof, field: str, word: str, opened: Socket) -> str:
        """Send the frame, and return what becomes of it."""
        chat, reply, values = self.visit.contract.chat, Reply(), self.user.walk.values.within(**{NONCE: word})
        said = values.filled(spoof.say if spoof.say is not None or chat is None else chat.question.body)
        said = _put(said, field, self.other.walk.values.captured[spoof.id])
        judging = Judging(self.visit)
        wanted = None if spoof.receive is None else values.filled(spoof.receive)

        def over(text: str) -> bool:
            if judging.refuses(text) or self._stranger(spoof, text):
                return True
            return judging.ends(text) if wanted is None else same(wanted, document_of(text))

        try:
            opened.send(json.dumps(said), self.deadline)
            listen(opened, reply, over, self.deadline.within(spoof.max_seconds))
        except TimeoutError:
            return f"nothing came of it within {spoof.max_seconds:g} s"
        except (OSError, ValueError) as error:
            return silence(error)
        last = reply.heard[-1]
        if judging.refuses(last) or self._stranger(spoof, last):
            return REFUSED
        return next(filter(None, map(self._not_own, reply.heard)), SERVED)

    def _stranger(self, spoof: Spoof, text: str) -> bool:
        """Whether a frame is no event of a turn: where nothing is said of errors, it may be one."""
        chat = self.visit.contract.chat
        if chat is None or spoof.receive is not None or self.visit.socket.error is not None:
            return False
        known = {each.type for each in chat.events}
        return Judging(self.visit).counts(text) and type_of(document_of(text), text, chat.type) not in known

    def _not_own(self, text: str) -> str:
        """Return what in an event is not the asker's own."""
        chat = self.visit.contract.chat
        if chat is None or not Judging(self.visit).counts(text):
            return ""
        for path, wanted in chat.fields.items():
            try:
                found = look(document_of(text), path)
            except LookupError:
                continue  # which the chat itself is judged by
            if found != self.user.walk.values.filled(wanted):
                return f"{path} is not the asker's in {self.user.shown([text])[0]}"
        return ""

    def _recorded(self, spoof: Spoof, word: str) -> tuple[int, str]:
        """Return how many rows there are of the other user's, or -1 and why nobody could look."""
        behind = self.visit.means.behind
        if spoof.sql is None:
            return -1, ""
        if behind is None or not behind.knows("postgres", spoof.service):
            return -1, "no connection of ours goes to the database"
        values = self.other.walk.values.within(**{NONCE: word})
        sql, parameters = bound(spoof.sql, values.filled)
        given = behind.ask(Statement(spoof.service, sql, parameters, SQL_SECONDS), self.deadline.within(SQL_SECONDS))
        return (-1, given.failed) if given.failed else (len(given.value) if isinstance(given.value, list) else 0, "")


def _put(frame: Any, path: str, value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a frame with a value at a dotted path; tables which are not there yet are made."""
    changed = deepcopy(frame)
    *way, last = path.split(".")
    holder = changed
    for name in way:
        if not isinstance(holder.get(name), dict):
            holder[name] = {}
        holder = holder[name]
    holder[last] = value
    return changed
