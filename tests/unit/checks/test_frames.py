"""Frames that users send: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.checks import frames
from pytest_startup.events.base import Event
from pytest_startup.events.sockets import InputTried, PartNotTried, RouteTried
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

SILENT = f"""{TARGET}
[[journeys]]
name = "log-in"
steps = [{{ post = "/login", capture = {{ user_id = "id" }} }}]
[websocket]
journey = "log-in"
socket = "/ws"
routes = [{{ say = {{ type = "ask", text = "{{nonce}}" }}, receive = {{ type = "answer" }} }}]
"""
UNKNOWN = SILENT.partition("routes = ")[0]
TOLD = SILENT + 'error = { type = "error" }\n'
CUT = SILENT + "cut = true\n"
LONGEST = SILENT + "max_bytes = 1000\n"
BEGAN = ExerciseBegan(at=2.1, name="sockets")
UNTRIED = "no sockets were tried in this boot"

ROUTE = RouteTried(at=3.0, route="ask", heard=('{"type": "answer"}',), problem="")
LATE = replace(ROUTE, heard=(), problem="no answer within 2 s")
ROUTES: dict[str, tuple[tuple[Event, ...], Said]] = {
    "answered": ((READY, ROUTE), []),
    "not answered": ((READY, LATE), ["no answer within 2 s"]),
    "answered otherwise": ((READY, replace(LATE, heard=("{}",))), ["no answer within 2 s; until then came: {}"]),
    "not tried": ((READY,), UNTRIED),
    "no socket": ((READY, BEGAN, PartNotTried(at=3.0, part="routes", reason="refused")), "refused"),
}

BAD = InputTried(
    at=3.0,
    part="payloads",
    name="no-type",
    heard=("{}",),
    refused=True,
    served=False,
    ended="",
    alive="",
    witness="",
)
IGNORED = replace(BAD, heard=(), refused=False)
SERVED = replace(BAD, refused=False, served=True)
CLOSED = replace(IGNORED, ended="closed 1003")
DEAD = replace(IGNORED, ended="closed 1006")
HUNG = replace(IGNORED, alive="no answer within 2 s")
BROKEN = replace(IGNORED, ended="closed 1011")
REFUSED: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "an error frame": ((READY, BAD), TOLD, "no-type", []),
    "ignored": ((READY, IGNORED), TOLD, "no-type", ["nothing came"]),
    "served": ((READY, SERVED), TOLD, "no-type", ["{}"]),
    "served, and it may be": ((READY, replace(SERVED, name="text-null")), TOLD, "text-null", []),
    "may be served, and is ignored": (
        (READY, replace(IGNORED, name="text-null")),
        TOLD,
        "text-null",
        ["nothing came"],
    ),
    "an error frame, and the end": ((READY, replace(BAD, ended="closed 1003")), TOLD, "no-type", ["closed 1003"]),
    "a clean end": ((READY, CLOSED), TOLD, "no-type", ["closed 1003"]),
    "an error frame, and silence": (
        (READY, replace(BAD, alive="no answer within 2 s")),
        TOLD,
        "no-type",
        ["no answer within 2 s"],
    ),
    "somebody else suffers": ((READY, replace(BAD, witness="closed 1006")), TOLD, "no-type", ["closed 1006"]),
    "nothing is said of errors: any answer": ((READY, SERVED), SILENT, "no-type", []),
    "nothing is said of errors: ignored": ((READY, IGNORED), SILENT, "no-type", []),
    "nothing is said of errors: a clean end": ((READY, CLOSED), SILENT, "no-type", []),
    "nothing is said of errors: cut off": ((READY, DEAD), SILENT, "no-type", ["closed 1006"]),
    "nothing is said of errors: its own failure": ((READY, BROKEN), SILENT, "no-type", ["closed 1011"]),
    "nothing is said of errors: reset": ((READY, replace(IGNORED, ended="reset")), SILENT, "no-type", ["reset"]),
    "nothing is said of errors: it hangs": ((READY, HUNG), SILENT, "no-type", ["no answer within 2 s"]),
    "nothing is said of errors: somebody else suffers": (
        (READY, replace(SERVED, witness="refused")),
        SILENT,
        "no-type",
        ["refused"],
    ),
    "not tried": ((READY,), TOLD, "no-type", UNTRIED),
}


def sent(name: str, **other: object) -> InputTried:
    """Return what became of something malformed; it ended cleanly unless told otherwise."""
    fields: dict[str, object] = {"ended": "closed 1002", "heard": (), "refused": False} | other
    return replace(BAD, part="protocol", name=name, **fields)  # type: ignore[arg-type]  # fields of an event


MALFORMED: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "a clean end": ((READY, sent("unmasked")), SILENT, "unmasked", []),
    "an error frame": ((READY, sent("unmasked", ended="", refused=True)), TOLD, "unmasked", []),
    "an error frame, and silence": (
        (READY, sent("unmasked", ended="", refused=True, alive="no pong")),
        TOLD,
        "unmasked",
        ["no pong"],
    ),
    "cut off": ((READY, sent("unmasked", ended="closed 1006")), SILENT, "unmasked", ["closed 1006"]),
    "cut off, as declared": ((READY, sent("unmasked", ended="closed 1006")), CUT, "unmasked", []),
    "declared, and nothing": (
        (READY, sent("unmasked", ended="")),
        CUT,
        "unmasked",
        ["it went on as if nothing were wrong"],
    ),
    "an error frame, and cut off": (
        (READY, sent("unmasked", ended="closed 1006", refused=True)),
        TOLD,
        "unmasked",
        ["closed 1006"],
    ),
    "its own failure": ((READY, sent("unmasked", ended="closed 1011")), SILENT, "unmasked", ["closed 1011"]),
    "nothing": ((READY, sent("unmasked", ended="")), SILENT, "unmasked", ["it went on as if nothing were wrong"]),
    "it hangs": ((READY, sent("unmasked", ended="", alive="no pong")), SILENT, "unmasked", ["no pong"]),
    "somebody else suffers": ((READY, sent("unmasked", witness="reset")), SILENT, "unmasked", ["reset"]),
    "too much, served": ((READY, sent("oversized", ended="")), SILENT, "oversized", []),
    "too much, and nothing after it": (
        (READY, sent("oversized", ended="", alive="no pong")),
        SILENT,
        "oversized",
        ["no pong"],
    ),
    "too much, reset in the midst of it": ((READY, sent("oversized", ended="reset")), LONGEST, "oversized", []),
    "more than the limit, served": (
        (READY, sent("oversized", ended="")),
        LONGEST,
        "oversized",
        ["it went on as if nothing were wrong"],
    ),
    "unusual, understood": ((READY, sent("many-fragments", ended="", served=True)), SILENT, "many-fragments", []),
    "unusual, refused": ((READY, sent("many-fragments")), SILENT, "many-fragments", ["closed 1002"]),
    "unusual, not answered": (
        (READY, sent("many-fragments", ended="", alive="no pong")),
        SILENT,
        "many-fragments",
        ["no pong"],
    ),
    "unusual, swallowed": (
        (READY, sent("many-fragments", ended="", served=False)),
        SILENT,
        "many-fragments",
        ["nothing came of it"],
    ),
    "unusual, and nothing is known that would be understood": (
        (READY, sent("many-fragments", ended="closed 1008")),
        UNKNOWN,
        "many-fragments",
        [],
    ),
    "unusual, and cut off, whatever is understood": (
        (READY, sent("many-fragments", ended="closed 1006")),
        UNKNOWN,
        "many-fragments",
        ["closed 1006"],
    ),
    "half of it": ((READY, sent("half-a-frame", ended="")), SILENT, "half-a-frame", []),
    "half of it, not waited for": ((READY, sent("half-a-frame")), SILENT, "half-a-frame", ["closed 1002"]),
    "half of it, and nobody else is served": (
        (READY, sent("half-a-frame", ended="", witness="no pong")),
        SILENT,
        "half-a-frame",
        ["no pong"],
    ),
    "not tried": ((READY, BEGAN), SILENT, "unmasked", "there was no time left for it"),
}


@pytest.mark.parametrize(("events", "expected"), ROUTES.values(), ids=ROUTES)
def test_routed(events: tuple[Event, ...], expected: Said):
    """A message is answered by what its type says."""
    assert said(frames.routed, events, TOLD, "ask") == expected


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """A message that is no good gets an error frame, and its socket stays."""
    assert said(frames.refused, events, toml, subject) == expected


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), MALFORMED.values(), ids=MALFORMED)
def test_malformed(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """What breaks the protocol ends cleanly; what is only unusual is understood."""
    assert said(frames.malformed, events, toml, subject) == expected
