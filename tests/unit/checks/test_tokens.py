"""Tokens that prove nothing: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import tokens
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import FirstUsed, NotTried, TokenNotMade, TokenShown
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

HEAD = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login", capture = { token = "t" } }]
[[tokens]]
name = "own"
journey = "log-in"
token = "token"
"""
REQUESTS = HEAD + 'requests = [{ get = "/me?t={token}" }, { get = "/old?t={token}", status = 204 }]\n'
SOCKET = HEAD + 'socket = "/ws?t={token}"\n'
FIRST = HEAD + 'socket = { path = "/ws", first = { token = "{token}" } }\n'
ME, OLD, WS = "GET /me?t={token}", "GET /old?t={token}", "/ws?t={token}"


def asked(variant: str, answer: str, what: str = ME) -> Event:
    """Return what a request with a token was answered."""
    return TokenShown(at=2.5, token="own", variant=variant, way="request", what=what, answer=answer)


def opened(variant: str, answer: str) -> Event:
    """Return what became of a socket with a token."""
    return TokenShown(at=2.5, token="own", variant=variant, way="socket", what=WS, answer=answer)


def unmade(reason: str) -> Event:
    """Return that a token could not be made."""
    return TokenNotMade(at=2.5, token="own", variant="expired", reason=reason)


LIMITED = "requests were limited (429) before it could be told: raise the limit in launch.env"
NOTHING = "the good token was not taken either, so that a refusal proves nothing"
BEGAN = ExerciseBegan(at=2.1, name="keeping out")
FAILED = NotTried(at=2.5, sort="token", name="own", reason="the journey log-in failed")

OF_REQUESTS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "good, taken": ((READY, asked("good", "200")), "own:good", []),
    "good, refused": ((READY, asked("good", "401")), "own:good", ["401"]),
    "good, another status than is declared": ((READY, asked("good", "200", OLD)), "own:good", ["200"]),
    "good, the declared status": ((READY, asked("good", "204", OLD)), "own:good", []),
    "bad, refused": ((READY, asked("good", "200"), asked("expired", "401")), "own:expired", []),
    "bad, forbidden": ((READY, asked("good", "200"), asked("expired", "403")), "own:expired", []),
    "bad, let in": ((READY, asked("good", "200"), asked("forged", "200")), "own:forged", ["200: it was let in"]),
    "bad, an error": ((READY, asked("good", "200"), asked("garbage", "500")), "own:garbage", ["500"]),
    "bad, silence": ((READY, asked("good", "200"), asked("garbage", "timeout")), "own:garbage", ["timeout"]),
    "let in at one of two": (
        (READY, asked("good", "200"), asked("good", "204", OLD), asked("forged", "401"), asked("forged", "204", OLD)),
        "own:forged",
        ["204: it was let in"],
    ),
    "limited": ((READY, asked("good", "200"), asked("forged", "429")), "own:forged", LIMITED),
    "limited at one of two": (
        (READY, asked("good", "429"), asked("good", "204", OLD), asked("forged", "429"), asked("forged", "401", OLD)),
        "own:forged",
        [],
    ),
    "nobody is let in": ((READY, asked("good", "401"), asked("expired", "401")), "own:expired", NOTHING),
    "could not be made": ((READY, BEGAN, unmade("no key")), "own:expired", "no key"),
    "the journey failed": ((READY, BEGAN, FAILED), "own:good", "the journey log-in failed"),
    "no time": ((READY, BEGAN), "own:good", "there was no time left for it"),
    "another boot": ((READY,), "own:good", "no token was shown in this boot"),
    "never ready": ((asked("good", "200"),)[:0], "own:good", "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "subject", "expected"), OF_REQUESTS.values(), ids=OF_REQUESTS)
def test_of_requests(events: tuple[Event, ...], subject: str, expected: Said):
    """A bad token is refused by a declared status, where a good one is taken."""
    assert expected == said(tokens.of_requests, events, TARGET + REQUESTS, subject)


OF_SOCKETS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "good, kept": ((READY, opened("good", "kept")), "own:good", []),
    "good, denied": ((READY, opened("good", "denied 403")), "own:good", ["denied 403"]),
    "good, closed": ((READY, opened("good", "closed 1008")), "own:good", ["closed 1008"]),
    "bad, denied": ((READY, opened("good", "kept"), opened("forged", "denied 403")), "own:forged", []),
    "bad, closed by a code": ((READY, opened("good", "kept"), opened("forged", "closed 4401")), "own:forged", []),
    "bad, kept": (
        (READY, opened("good", "kept"), opened("forged", "kept")),
        "own:forged",
        ["kept: it was let in"],
    ),
    "bad, the server broke": (
        (READY, opened("good", "kept"), opened("forged", "closed 1011")),
        "own:forged",
        ["closed 1011"],
    ),
    "bad, denied by an error": (
        (READY, opened("good", "kept"), opened("forged", "denied 500")),
        "own:forged",
        ["denied 500"],
    ),
}


@pytest.mark.parametrize(("events", "subject", "expected"), OF_SOCKETS.values(), ids=OF_SOCKETS)
def test_of_sockets(events: tuple[Event, ...], subject: str, expected: Said):
    """A socket with a bad token is denied, or closed by a code which says so."""
    assert expected == said(tokens.of_sockets, events, TARGET + SOCKET, subject)


def test_first_frame():
    """Nobody knows how long a socket may wait for the frame that has the token in it."""
    events = (READY, opened("good", "kept"), opened("missing", "kept"))
    reason = "the token comes in the first frame, which a socket may wait for"
    assert reason == said(tokens.of_sockets, events, TARGET + FIRST, "own:missing")


SCOPED = REQUESTS + 'scope = { claim = "scope", without = "write", requests = [{ put = "/me?t={token}" }] }\n'
WRITE = "PUT /me?t={token}"
UNSIGNED = (
    "one that says the same as the good token, and was signed again, was not taken either, "
    "so that a refusal proves nothing"
)


def wrote(good: str, again: str, variant: str, answer: str) -> tuple[Event, ...]:
    """Return what the request that needs a scope was answered: with the good token, signed again, and without it."""
    return (READY, *(asked(*each, WRITE) for each in (("good", good), ("signed-again", again), (variant, answer))))


OF_SCOPES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "refused": (wrote("200", "200", "underscoped", "403"), "own:underscoped", []),
    "let in": (wrote("200", "200", "underscoped", "200"), "own:underscoped", ["200: it was let in"]),
    "an error": (wrote("200", "200", "underscoped", "500"), "own:underscoped", ["500"]),
    "a lookalike, let in": (wrote("200", "200", "lookalike", "200"), "own:lookalike", ["200: it was let in"]),
    "refused for being signed again": (wrote("200", "401", "underscoped", "401"), "own:underscoped", UNSIGNED),
    "the good one is refused": (wrote("401", "200", "underscoped", "401"), "own:underscoped", NOTHING),
    "the good one, where only the scope is asked for": (wrote("403", "200", "underscoped", "403"), "own:good", ["403"]),
    "could not be made": (
        (READY, TokenNotMade(at=2.5, token="own", variant="underscoped", reason="no key")),
        "own:underscoped",
        "no key",
    ),
}


@pytest.mark.parametrize(("events", "subject", "expected"), OF_SCOPES.values(), ids=OF_SCOPES)
def test_of_scopes(events: tuple[Event, ...], subject: str, expected: Said):
    """A token which says too little is refused, where one that was signed again is taken."""
    assert expected == said(tokens.of_requests, events, TARGET + SCOPED, subject)


WARM = REQUESTS + 'warm = "auth"\n[services.auth]\nkind = "redis"\n'


def used(silent: str, answering: str, what: str = ME) -> tuple[Event, ...]:
    """Return what came of the first use of a token."""
    event = FirstUsed(at=2.5, token="own", service="auth", what=what, silent=silent, answering=answering, opened=1)
    return (READY, event)


COLD = NotTried(at=2.5, sort="warm", name="own", reason="the journey log-in brought no token")
FIRST_USE: dict[str, tuple[tuple[Event, ...], Said]] = {
    "taken": (used("200", "200"), []),
    "refused": (used("401", "200"), ["401 while auth was silent, 200 once it answered"]),
    "waits": (used("timeout", "200"), ["timeout while auth was silent, 200 once it answered"]),
    "never taken": (used("401", "401"), "the token was not taken while auth answered either: 401"),
    "no token": ((READY, COLD), "the journey log-in brought no token"),
    "no time": ((READY, BEGAN), "there was no time left for it"),
    "another boot": ((READY,), "no token was used for the first time in this boot"),
    "never ready": ((), "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "expected"), FIRST_USE.values(), ids=FIRST_USE)
def test_first_use(events: tuple[Event, ...], expected: Said):
    """A token is taken while the service is silent which must not be needed for that."""
    assert expected == said(tokens.first_use, events, TARGET + WARM, "own")
