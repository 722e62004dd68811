"""Losing a connection and coming back: in a turn of the chat, while messages are put in, with the state of before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_startup.boot.expected import same
from pytest_startup.boot.inquiries import Inquiry
from pytest_startup.boot.messages import Inbox, Messages
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.traveller import NOTICE_SECONDS, Traveller
from pytest_startup.boot.walk import said
from pytest_startup.chat.conversation import Conversation
from pytest_startup.chat.frames import document_of, shown
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.reconnect import LAST, Reconnect
from pytest_startup.contract.templates import references
from pytest_startup.events.returning import QueueDelivered, StateKept, TurnResumed, Way

PUT = 3
"""Messages which are put in for who is away: the least of which it can be told that they come the other way round."""

AFTER_SECONDS = 0.2
"""How long a socket is watched once all has come: nothing may come twice."""

When = Literal["start", "turn", "away"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Who loses the connection, in which way, and until when all of it must be over."""

    name: str
    user: Traveller
    way: Way
    deadline: Deadline


@dataclass(slots=True)
class Resuming:
    """Has users lose their connections and come back; whatever they are sent is on record."""

    recorder: Recorder
    reconnect: Reconnect
    messages: Messages

    def turn(self, loss: Loss, chat: Chat, seen: int) -> bool:
        """Have a user lose the connection in a turn, after so many events, and come back; say whether all went well."""
        name, user, way, deadline = loss.name, loss.user, loss.way, loss.deadline
        talk = user.walk.talk(Turn({}, chat), chat.max_seconds)
        self.recorder.keep_secret(user.walk.secrets)
        course = Course(self, user, talk, name)
        problem = course.until_lost(way, seen, deadline)
        before = len(course.turn.types)
        refused: dict[int, str] = {}
        left, broken = now(), course.turn.divergence is not None
        if not problem:
            refused = self._put(name, user, deadline)
            problem = user.come_back(deadline) or course.greeted_again(deadline)
            course.away += now() - left
            began = now()
            if not problem:
                course.rest([number for number, why in refused.items() if not why], deadline)
        wrong = course.turn.divergence
        if deadline.expired:
            return False
        self.recorder.add(
            TurnResumed(
                at=self.recorder.elapsed(),
                user=name,
                way=way,
                seen=seen,
                before=before,
                types=tuple(course.turn.types),
                about="" if wrong is None else wrong.about,
                expected="" if wrong is None else self.recorder.mask(wrong.expected),
                observed="" if wrong is None else self.recorder.mask(wrong.observed),
                resumed=wrong is not None and not broken,
                problem=problem,
            )
        )
        if refused:
            self._queue(loss, "turn", refused, course.inbox, seconds=now() - began, problem=problem)
        return wrong is None and not problem

    # -- while away

    def away(self, loss: Loss, when: When) -> None:
        """Have a user lose the connection, put messages in, and have the user come back."""
        name, user, way, deadline = loss.name, loss.user, loss.way, loss.deadline
        inbox = Inbox(self.messages, name)
        user.connect(deadline)
        self._listen(user, deadline.within(NOTICE_SECONDS), inbox)
        user.lose(way, deadline)
        refused = self._put(name, user, deadline)
        problem, began = user.come_back(deadline), now()
        wanted = {number for number, why in refused.items() if not why}
        limit = deadline.within(self.reconnect.max_seconds)
        while not problem and not wanted <= set(inbox.numbers) and not limit.expired:
            try:
                inbox.take(user.take(limit))
            except TimeoutError:
                break
            except ConnectionError as error:
                problem = f"the socket was {silence(error)}"
        seconds = now() - began
        if not problem:
            self._listen(user, deadline.within(AFTER_SECONDS), inbox)
        if not deadline.expired:
            self._queue(loss, when, refused, inbox, seconds=seconds, problem=problem)

    def _listen(self, user: Traveller, limit: Deadline, inbox: Inbox) -> None:
        for frame in user.frames(limit):
            inbox.take(frame)

    def _put(self, name: str, user: Traveller, deadline: Deadline) -> dict[int, str]:
        """Put messages in once the loss must have been noticed; return what each raised, by number."""
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "the loss of a connection")
        place = self.reconnect.put
        if place is None or not self.messages.possible:
            return {}
        before = self.messages.count(name)
        numbers = range(before + 1, before + PUT + 1)
        return {each: self.messages.put(place, name, each, user.walk.values, deadline) for each in numbers}

    def _queue(  # noqa: PLR0913 - the fields of an event
        self, loss: Loss, when: When, refused: Mapping[int, str], inbox: Inbox, *, seconds: float, problem: str
    ) -> None:
        self.recorder.add(
            QueueDelivered(
                at=self.recorder.elapsed(),
                user=loss.name,
                when=when,
                way=loss.way,
                put=tuple(number for number, why in refused.items() if not why),
                refused=tuple(why for why in refused.values() if why),
                came=tuple(inbox.numbers),
                foreign=inbox.foreign,
                seconds=seconds,
                problem=problem,
            )
        )

    # -- the state of before

    def state(self, loss: Loss, chat: Chat | None) -> None:
        """Have a user take a turn, lose the connection, come back, and go on where that was."""
        user, deadline = loss.user, loss.deadline
        user.connect(deadline)
        problem = self._whole(loss, chat, {}) if chat is not None else ""
        kept = {name: said(value) for name, value in user.taken.items() if name != LAST}
        user.lose(loss.way, deadline)
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "the loss of a connection")
        problem = problem or user.come_back(deadline)
        user.walk.values = user.walk.values.within(**user.taken)
        if self.reconnect.turn is not None and chat is not None:
            problem = problem or self._whole(loss, chat, self.reconnect.turn)
            named = {each.owner for text in texts_of(self.reconnect.turn) for each in references(text)} & set(kept)
            found = {name: said(user.taken[name]) for name in named}
            self._kept(loss, "turn", {name: kept[name] for name in named}, found, problem)
        if self.reconnect.state is not None:
            self._kept(loss, "state", {}, {}, problem or self._asked(user, self.reconnect.state, deadline))

    def _whole(self, loss: Loss, chat: Chat, other: Mapping[str, JsonValue]) -> str:
        """Have a whole turn, and return what was wrong with it; empty when nothing was."""
        course = Course(self, loss.user, loss.user.walk.talk(Turn(other, chat), chat.max_seconds), loss.name)
        course.ask(loss.deadline)
        course.rest((), loss.deadline)
        return "" if course.turn.complete else self.recorder.mask(str(course.turn.divergence))

    def _asked(self, user: Traveller, exchange: Exchange, deadline: Deadline) -> str:
        """Ask for what shows the state; return what was wrong with the answer."""
        wanted, latest = user.walk.values.filled(exchange.receive), "nothing"
        try:
            user.say(user.walk.values.filled(exchange.say), deadline)
        except ConnectionError as error:
            return f"the socket was {silence(error)}"
        for frame in user.frames(deadline.within(exchange.max_seconds)):
            if same(wanted, document_of(frame)):
                return ""
            latest = shown(frame)
        return self.recorder.mask(f"no such answer within {exchange.max_seconds:g} s; the last frame was {latest}")

    def _kept(
        self, loss: Loss, what: Literal["turn", "state"], kept: dict[str, str], found: dict[str, str], problem: str
    ) -> None:
        if not loss.deadline.expired:
            at = self.recorder.elapsed()
            self.recorder.add(StateKept(at=at, what=what, way=loss.way, kept=kept, found=found, problem=problem))


class Course:
    """One turn over several connections; time in which the user was away does not count."""

    def __init__(self, resuming: Resuming, user: Traveller, talk: Talk, name: str) -> None:
        """Begin before the question."""
        self.turn = Conversation(talk.chat, talk.nonce, talk.earlier)
        self.inbox = Inbox(resuming.messages, name)
        self.away = 0.0
        self._seconds = resuming.reconnect.max_seconds
        self._user, self._talk, self._began = user, talk, now()
        self._inquiry: Inquiry | None = None

    def ask(self, deadline: Deadline) -> None:
        """Be greeted, where the server speaks first, and ask."""
        self._began = now()
        self._greet(self.turn, deadline)
        if self.turn.divergence is not None:
            return
        question = self._talk.question(self.turn.captured)
        self._began = now()
        self.turn.asked(question.fields, self._began)
        try:
            for frame in question.frames:
                self._user.say(frame, deadline)
            self._inquiry = Inquiry(question, deadline)
        except ConnectionError as error:
            self.turn.broken(f"the socket was {silence(error)}", self._at())

    def greeted_again(self, deadline: Deadline) -> str:
        """Be greeted after the return, where the server speaks first; return what was wrong with it."""
        self.turn.connected_again()
        greeting, began = Conversation(self._talk.chat, "", (self._talk.nonce, *self._talk.earlier)), self._began
        self._began = now()
        self._greet(greeting, deadline)
        self._began = began
        return "" if greeting.divergence is None else f"the greeting: {greeting.divergence}"

    def _greet(self, turn: Conversation, deadline: Deadline) -> None:
        try:
            while not turn.ready and turn.divergence is None:
                frame = self._user.take(deadline.within(turn.due - (now() - self._began)))
                turn.feed(frame, now() - self._began)
                if turn is not self.turn:
                    self.turn.passes(frame)
        except TimeoutError:
            turn.silence(now() - self._began)
            turn.broken("there was no time left", now() - self._began)
        except ConnectionError as error:
            turn.broken(f"the socket was {silence(error)}", now() - self._began)

    def until_lost(self, way: Way, seen: int, deadline: Deadline) -> str:
        """Connect, ask, see so many events and lose the connection; return why that could not be."""
        self._user.connect(deadline)
        self.ask(deadline)
        while len(self.turn.types) < seen and not self.turn.over and self.turn.divergence is None:
            self._next(deadline.within(self.turn.due - self._at()))
        if self.turn.divergence is not None:
            return f"before the loss: {self.turn.divergence}"
        for frame in self._user.lose(way, deadline):
            self._feed(frame)
        return ""

    def rest(self, wanted: Sequence[int], deadline: Deadline) -> None:
        """See the rest of the turn and these messages come, each in time; and then nothing more."""
        until = now() + self._seconds
        while self.turn.divergence is None and not deadline.expired:
            missing = not set(wanted) <= set(self.inbox.numbers) and now() < until
            if self.turn.over and not missing:
                break
            due = 0.0 if self.turn.over else self.turn.due - self._at()
            self._next(deadline.within(max(due, until - now() if missing else 0.0)))
        for frame in self._user.frames(deadline.within(AFTER_SECONDS)):
            self._feed(frame)

    def _next(self, limit: Deadline) -> None:
        refused = self._inquiry.refused if self._inquiry is not None else None
        if refused is not None:
            self.turn.refused(*refused, self._at())
            return
        try:
            self._feed(self._user.take(limit))
        except TimeoutError:
            self.turn.silence(self._at())
        except ConnectionError as error:
            self.turn.broken(f"the socket was {silence(error)}", self._at())

    def _feed(self, frame: str) -> None:
        may_come_again = self._user.repeated and self._user.reconnect.replay == "at-least-once"
        if self.inbox.take(frame) or may_come_again:
            self.turn.passes(frame)
        else:
            self.turn.feed(frame, self._at())

    def _at(self) -> float:
        return now() - self._began - self.away


def seen_before_loss(chat: Chat | None) -> list[tuple[Chat, int]]:
    """Return after how many events of the chat a connection is lost: the first, half of them, all but the last."""
    if chat is None:
        return []
    needed = len([each for each in chat.events if not each.optional])
    return [(chat, seen) for seen in sorted({1, max(1, needed // 2), max(1, needed - 1)})]
