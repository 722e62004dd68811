"""Headers of answers: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import headers
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import HeadersTold, NotTried
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

RULES = """
[[headers]]
name = "safe"
paths = ["/"]
absent = ["X-Powered-By"]
[headers.required]
X-Content-Type-Options = "nosniff"
Strict-Transport-Security = "~max-age=[1-9]"
Content-Security-Policy = "*"
"""
SOCKET = RULES.replace("absent", 'socket = "/ws"\nabsent')
GOOD = {
    "x-content-type-options": ["nosniff"],
    "strict-transport-security": ["max-age=31536000"],
    "content-security-policy": ["default-src 'none'"],
}


def told(asked: str = "somebody", answer: str = "200", **other: list[str] | None) -> Event:
    """Return an answer; all is well unless other headers are told, None for one that is not there."""
    changed = {name.replace("_", "-"): values for name, values in other.items()}
    found = {name: values for name, values in {**GOOD, **changed}.items() if values is not None}
    return HeadersTold(at=3.0, rules="safe", path="/", asked=asked, answer=answer, headers=found)  # type: ignore[arg-type]  # from a table


HOLD: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all there": ((READY, told(), told("nobody", "401"), told("unknown", "404")), RULES, []),
    "twice the same": ((READY, told(x_content_type_options=["nosniff", "nosniff"])), RULES, []),
    "missing": ((READY, told(x_content_type_options=None)), RULES, ["no X-Content-Type-Options"]),
    "another value": (
        (READY, told(x_content_type_options=["sniff"])),
        RULES,
        ["X-Content-Type-Options: sniff"],
    ),
    "two values, one wrong": (
        (READY, told(x_content_type_options=["nosniff", "sniff"])),
        RULES,
        ["X-Content-Type-Options: nosniff, sniff"],
    ),
    "not matched": (
        (READY, told(strict_transport_security=["max-age=0"])),
        RULES,
        ["Strict-Transport-Security: max-age=0"],
    ),
    "too much is told": ((READY, told(x_powered_by=["Chat/1.2"])), RULES, ["X-Powered-By: Chat/1.2"]),
    "several": (
        (READY, told(content_security_policy=None, x_powered_by=["x"])),
        RULES,
        ["no Content-Security-Policy; X-Powered-By: x"],
    ),
    "missing where somebody is refused": (
        (READY, told(), told("nobody", "401", content_security_policy=None)),
        RULES,
        ["no Content-Security-Policy"],
    ),
    "missing where there is nothing": (
        (READY, told(), told("unknown", "404", content_security_policy=None)),
        RULES,
        ["no Content-Security-Policy"],
    ),
    "missing where a socket is denied": (
        (READY, told(), told("socket", "403", content_security_policy=None)),
        SOCKET,
        ["no Content-Security-Policy"],
    ),
    "a socket is denied well": ((READY, told(), told("socket", "403")), SOCKET, []),
    "a socket is not denied": (
        (READY, told(), told("socket", "101", content_security_policy=None)),
        SOCKET,
        "the socket was not denied to whoever shows nothing: 101",
    ),
    "silence": ((READY, told(answer="timeout", content_security_policy=None)), RULES, "it was not answered: timeout"),
    "the journey failed": (
        (READY, NotTried(at=2.5, sort="headers", name="safe", reason="the journey log-in failed")),
        RULES,
        "the journey log-in failed",
    ),
    "no time": ((READY, ExerciseBegan(at=2.1, name="keeping out")), RULES, "there was no time left for it"),
    "another boot": ((READY,), RULES, "no headers were looked at in this boot"),
    "never ready": ((), RULES, "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), HOLD.values(), ids=HOLD)
def test_hold(events: tuple[Event, ...], toml: str, expected: Said):
    """Every answer has what is required, and nothing of what is not to be told."""
    assert expected == said(headers.hold, events, TARGET + toml, "safe")
