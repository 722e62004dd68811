"""One turn of the chat by one user: connect, ask, and judge what comes, frame by frame."""

from __future__ import annotations

from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.chat.conversation import Conversation
from pytest_startup.clock import Deadline, now

CONNECT_SECONDS = 5.0

AFTER_SECONDS = 0.1
"""How long a socket is watched when the turn is over: nothing may come after its end."""


def talk(errand: Talk, deadline: Deadline) -> Conversation:
    """Have a turn, and return what became of it: it is complete, or has a divergence."""
    turn = Conversation(errand.chat, errand.nonce, errand.fields, errand.earlier)
    try:
        with connect(errand.upgrade, _within(CONNECT_SECONDS, deadline)) as opened:
            converse(turn, errand, opened, deadline)
    except (OSError, ValueError, EOFError) as error:
        turn.broken(f"no socket: {silence(error)}", 0.0)
    return turn


def converse(turn: Conversation, errand: Talk, opened: Socket, deadline: Deadline) -> None:
    """Ask on a socket that is open, and have the turn judge what comes, until it is over and a little longer."""
    began = now()
    try:
        turn.asked()
        opened.send(errand.question, deadline)
        while not turn.over and turn.divergence is None:
            limit = _within(turn.due - (now() - began), deadline)
            turn.feed(opened.receive(limit), now() - began)
        watched = _within(AFTER_SECONDS, deadline)
        while turn.divergence is None:
            turn.feed(opened.receive(watched), now() - began)
    except TimeoutError:
        turn.silence(now() - began)
        turn.broken("there was no time left", now() - began)
    except ConnectionError as error:
        turn.broken(f"the socket was {silence(error)}", now() - began)


def _within(seconds: float, deadline: Deadline) -> Deadline:
    """Return the earlier of two deadlines."""
    return Deadline.after(max(0.001, min(seconds, deadline.remaining())), deadline.what)
