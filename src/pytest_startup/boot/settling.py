"""Whether what agents have under way comes to its end, also when the user who asked has gone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot.inputs import Judging
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.talking import ask
from pytest_startup.boot.visitors import Reply, Visit, Visitor, listen
from pytest_startup.clock import Deadline
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.chat import Chat
from pytest_startup.events.sockets import PartNotTried, PlaceSettled

TURN, LEFT, BAD = "a turn of the chat", "a user left in the midst of a turn", "a frame was no good"


@dataclass(frozen=True, slots=True)
class Settling:
    """One user, who asks, leaves, and says what is no good."""

    visit: Visit
    user: Visitor
    deadline: Deadline

    def all(self) -> None:
        """Do all of it, one after another, and look at every place."""
        chat, recorder = self.visit.contract.chat, self.visit.recorder
        if self.visit.line is None or chat is None:
            reason = "the contract declares no chat" if chat is None else "nobody is inside who could look"
            recorder.add(PartNotTried(at=recorder.elapsed(), part="settling", reason=reason))
            return
        for occasion in (TURN, LEFT, BAD):
            if not self.deadline.expired:
                self._try(occasion, chat)

    def _try(self, occasion: str, chat: Chat) -> None:
        visit = self.visit
        places = {place.text: self.user.place(place) for place in visit.socket.settles}
        before = {name: visit.measure(place, self.deadline) for name, place in places.items()}
        most = self._highest(occasion, chat, places)
        limit = self.deadline.within(visit.socket.settles_within)
        for name, place in places.items():
            first, problem = before[name]
            seen = [most[name]]

            def as_before(count: int, first: int = first, seen: list[int] = seen) -> bool:
                seen.append(count)
                return count == first

            after, later, seconds = visit.until(place, as_before, limit.remaining(), self.deadline)
            if not self.deadline.expired:
                visit.recorder.add(
                    PlaceSettled(
                        at=visit.recorder.elapsed(),
                        place=name,
                        occasion=occasion,
                        before=first,
                        after=after,
                        most=max(first, *seen),
                        seconds=seconds,
                        problem=visit.recorder.mask(problem or later),
                    )
                )

    def _highest(self, occasion: str, chat: Chat, places: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
        """Do something, and look at the places again and again meanwhile; return the highest that each has been."""
        worker = threading.Thread(target=self._do, args=(occasion, chat), daemon=True)
        most = dict.fromkeys(places, -1)
        worker.start()
        while worker.is_alive() and not self.deadline.expired:
            for name, place in places.items():
                most[name] = max(most[name], self.visit.measure(place, self.deadline)[0])
        worker.join(self.deadline.remaining())
        return most

    def _do(self, occasion: str, chat: Chat) -> None:
        with suppress(OSError, ValueError, EOFError):
            opened = self.user.open(self.deadline)
            try:
                if occasion == BAD:
                    opened.send('{"type": ', self.deadline)
                    self.user.lives(opened, self.deadline)
                else:
                    self._ask(occasion, chat, opened)
            finally:
                if occasion == LEFT:
                    opened.reset()
                else:
                    opened.drop()

    def _ask(self, occasion: str, chat: Chat, opened: Socket) -> None:
        talk: Talk = self.user.walk.talk(Turn({}, chat), chat.max_seconds)
        judging = Judging(self.visit)
        ask(talk, opened, self.deadline)
        wanted = judging.ends if occasion == TURN else judging.counts
        listen(opened, Reply(), wanted, self.deadline.within(chat.max_seconds))
