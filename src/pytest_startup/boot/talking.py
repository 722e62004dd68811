"""One turn of the chat by one user: connect, be greeted, ask, and judge what comes, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
        with connect(errand.upgrade, deadline.within(CONNECT_SECONDS)) as opened:
            turn.connected(now())
            if greet(turn, opened, deadline):
                converse(turn, errand, opened, deadline)
    except (OSError, ValueError, EOFError) as error:
        turn.broken(f"no socket: {silence(error)}", 0.0)
    return turn


def greet(turn: Conversation, opened: Socket, deadline: Deadline) -> bool:
    """Have the turn judge what comes before the question, if anything must; return whether it may be asked now."""
    greeting = _Judged(turn, opened, deadline)
    with greeting.judging():
        while not turn.ready and turn.divergence is None:
            greeting.take()
    return turn.divergence is None


def ask(errand: Talk, opened: Socket, deadline: Deadline) -> None:
    """Ask on a socket that is open, after its greeting, and leave to others what comes; raises as `Socket.receive`."""
    turn = Conversation(errand.chat, errand.nonce, errand.earlier)
    while not turn.ready and turn.divergence is None:
        turn.feed(opened.receive(deadline), 0.0)
    question = errand.question(turn.captured)
    for frame in question.frames:
        opened.send(frame, deadline)
    Inquiry(question, deadline)


def converse(turn: Conversation, errand: Talk, opened: Socket, deadline: Deadline) -> None:
    """Ask on a socket that is open, and have the turn judge what comes, until it is over and a little longer."""
    answer = _Judged(turn, opened, deadline)
    with answer.judging():
        question = errand.question(turn.captured)
        answer.began = now()
        turn.asked(question.fields, answer.began)
        for frame in question.frames:
            opened.send(frame, deadline)
        inquiry = Inquiry(question, deadline)
        while not turn.over and turn.divergence is None:
            answer.take(inquiry)
        watched = deadline.within(AFTER_SECONDS)
        while turn.divergence is None:
            turn.feed(opened.receive(watched), answer.elapsed())


@dataclass(slots=True)
class _Judged:
    """What comes over a socket, judged by a turn; times are counted from when it `began`."""

    turn: Conversation
    opened: Socket
    deadline: Deadline
    began: float = field(default_factory=now)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Have the turn know why nothing more comes."""
        turn = self.turn
        try:
            yield
        except TimeoutError:
            turn.silence(self.elapsed())
            turn.broken("there was no time left", self.elapsed())
        except ConnectionError as error:
            turn.broken(f"the socket was {silence(error)}", self.elapsed())
        except ContractError as error:
            turn.broken(str(error), self.elapsed())

    def take(self, inquiry: Inquiry | None = None) -> None:
        """Take the next frame, if it comes in time; while the question is not answered, only look for a moment."""
        limit = self.deadline.within(self.turn.due - self.elapsed())
        if inquiry is None or not inquiry.pending:
            self._note_refusal(inquiry)
            if self.turn.divergence is None:
                self.turn.feed(self.opened.receive(limit), self.elapsed())
            return
        try:
            frame = self.opened.receive(limit.within(TICK_SECONDS))
        except TimeoutError:
            if limit.expired:
                raise
        else:
            self.turn.feed(frame, self.elapsed())

    def _note_refusal(self, inquiry: Inquiry | None) -> None:
        if inquiry is not None and inquiry.refused is not None:
            self.turn.refused(*inquiry.refused, self.elapsed())

    def elapsed(self) -> float:
        return now() - self.began
