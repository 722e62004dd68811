"""One turn of the chat by one user: connect, be greeted, ask, and judge what comes, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_startup.boot.inquiries import Inquiry
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.chat.conversation import Conversation
from pytest_startup.chat.schemas import Judge
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.mistakes import ContractError

CONNECT_SECONDS = 5.0

AFTER_SECONDS = 0.1
"""How long a socket is watched when the turn is over: nothing may come after its end."""

TICK_SECONDS = 0.05
"""How often it is looked at whether a request with the question was refused, while it is not answered."""


def talk(errand: Talk, deadline: Deadline, schemas: Mapping[str, Judge] | None = None) -> Conversation:
    """Have a turn, and return what became of it: it is complete, or has a divergence."""
    turn = Conversation(errand.chat, errand.nonce, errand.earlier, schemas)
    try:
        with connect(errand.upgrade, _within(CONNECT_SECONDS, deadline)) as opened:
            _Talking(turn, errand, opened, deadline).converse()
    except (OSError, ValueError, EOFError) as error:
        turn.broken(f"no socket: {silence(error)}", 0.0)
    return turn


@dataclass(slots=True)
class _Talking:
    """A turn over a socket that is open; `began` is when it was, and later when the question was sent."""

    turn: Conversation
    errand: Talk
    opened: Socket
    deadline: Deadline
    began: float = field(default_factory=now)

    def converse(self) -> None:
        """Be greeted, ask, and take what comes."""
        turn = self.turn
        try:
            while not turn.ready and turn.divergence is None:
                self._take()
            if turn.divergence is None:
                self._ask()
        except TimeoutError:
            turn.silence(self._elapsed())
            turn.broken("there was no time left", self._elapsed())
        except ConnectionError as error:
            turn.broken(f"the socket was {silence(error)}", self._elapsed())
        except ContractError as error:
            turn.broken(str(error), self._elapsed())

    def _ask(self) -> None:
        turn, question = self.turn, self.errand.question(self.turn.captured)
        self.began = now()
        turn.asked(question.fields, self.began)
        for frame in question.frames:
            self.opened.send(frame, self.deadline)
        inquiry = Inquiry(question, self.deadline)
        while not turn.over and turn.divergence is None:
            self._take(inquiry)
        watched = _within(AFTER_SECONDS, self.deadline)
        while turn.divergence is None:
            turn.feed(self.opened.receive(watched), self._elapsed())

    def _take(self, inquiry: Inquiry | None = None) -> None:
        """Take the next frame, if it comes in time; while the question is not answered, only look for a moment."""
        limit = _within(self.turn.due - self._elapsed(), self.deadline)
        if inquiry is None or not inquiry.pending:
            self._note_refusal(inquiry)
            if self.turn.divergence is None:
                self.turn.feed(self.opened.receive(limit), self._elapsed())
            return
        try:
            frame = self.opened.receive(_within(TICK_SECONDS, limit))
        except TimeoutError:
            if limit.expired:
                raise
        else:
            self.turn.feed(frame, self._elapsed())

    def _note_refusal(self, inquiry: Inquiry | None) -> None:
        if inquiry is not None and inquiry.refused is not None:
            self.turn.refused(*inquiry.refused, self._elapsed())

    def _elapsed(self) -> float:
        return now() - self.began


def _within(seconds: float, deadline: Deadline) -> Deadline:
    """Return the earlier of two deadlines."""
    return Deadline.after(max(0.001, min(seconds, deadline.remaining())), deadline.what)
