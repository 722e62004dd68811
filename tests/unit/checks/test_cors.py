"""Other origins: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import cors
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import OriginTried
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

HEAD = '[[cors]]\nname = "pages"\npaths = ["/"]\n'
PLAIN = HEAD + 'origins = ["https://a.example"]\nmethods = ["GET", "DELETE"]\nallow_headers = ["Authorization"]\n'
SIMPLE = HEAD + 'origins = ["https://a.example"]\n'
CREDENTIALS = PLAIN + "credentials = true\n"
OPEN = HEAD + 'origins = ["*"]\n'
NONE = HEAD + "origins = []\n"
SOCKET = HEAD + 'origins = ["https://a.example"]\nsocket = "/ws"\n'

OURS, THEIRS = "https://a.example", "https://x.invalid"
ORIGIN = {"access-control-allow-origin": OURS}
ALL = {"access-control-allow-methods": "GET, DELETE", "access-control-allow-headers": "authorization"}
WITH = {"access-control-allow-credentials": "true"}
STAR = {"access-control-allow-origin": "*"}


def tried(what: str, headers: dict[str, str], answer: str = "200", origin: str = OURS) -> Event:
    """Return what a page of an origin was answered."""
    allowed = origin == OURS
    return OriginTried(
        at=2.5, cors="pages", path="/", what=what, origin=origin, allowed=allowed, answer=answer, headers=headers
    )


def preflight(headers: dict[str, str], answer: str = "204", method: str = "DELETE") -> Event:
    """Return what our own page was answered before it asked."""
    return tried(f"preflight {method}", headers, answer)


FOREIGN = tried("GET", {}, origin=THEIRS)
UNANSWERED = tried("GET", {}, "timeout", THEIRS)
LETS_IN: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "allowed": ((READY, preflight({**ORIGIN, **ALL}), tried("GET", ORIGIN)), PLAIN, []),
    "by stars": (
        (READY, preflight({**STAR, **ALL, "access-control-allow-methods": "*"}), tried("GET", STAR)),
        PLAIN,
        [],
    ),
    "stars do not cover Authorization": (
        (READY, preflight({**STAR, **ALL, "access-control-allow-headers": "*"})),
        PLAIN,
        ["allows *"],
    ),
    "no stars with credentials": ((READY, tried("GET", {**STAR, **WITH})), CREDENTIALS, ["allows *"]),
    "credentials": ((READY, preflight({**ORIGIN, **ALL, **WITH}), tried("GET", {**ORIGIN, **WITH})), CREDENTIALS, []),
    "credentials forgotten": (
        (READY, tried("GET", ORIGIN)),
        CREDENTIALS,
        ["no Access-Control-Allow-Credentials: true"],
    ),
    "no word of it": ((READY, preflight(ALL)), PLAIN, ["allows no origin"]),
    "of GET and POST none is needed": (
        (READY, preflight({**ORIGIN, "access-control-allow-headers": "Authorization"}, method="GET")),
        PLAIN,
        [],
    ),
    "the method is missing": (
        (READY, preflight({**ORIGIN, **ALL, "access-control-allow-methods": "GET"})),
        PLAIN,
        ["allows GET"],
    ),
    "the header is missing": (
        (READY, preflight({**ORIGIN, "access-control-allow-methods": "DELETE"})),
        PLAIN,
        ["allows none"],
    ),
    "the preflight is refused": ((READY, preflight({}, "405")), PLAIN, ["405"]),
    "an answer that is no success tells nothing": (
        (READY, tried("GET", {}, "404"), tried("GET", {}, "500")),
        PLAIN,
        "no GET of an allowed origin was answered by a status from 200 to 299: 404, 500",
    ),
    "but what was asked before does": (
        (READY, preflight({**ORIGIN, **ALL}), tried("GET", {}, "404")),
        PLAIN,
        [],
    ),
    "no browser asks before a plain GET": ((READY, preflight({}, "405", "GET"), tried("GET", ORIGIN)), SIMPLE, []),
    "before DELETE every browser asks": (
        (READY, preflight({}, "405"), tried("GET", ORIGIN)),
        SIMPLE,
        ["405"],
    ),
    "a plain POST alone": (
        (READY, preflight({}, "405", "POST")),
        SIMPLE,
        "browsers send GET, HEAD, POST without a preflight, and no GET was tried",
    ),
    "the foreign one was not answered": ((READY, tried("GET", ORIGIN), UNANSWERED), PLAIN, []),
    "a cache could mix them up": ((READY, tried("GET", ORIGIN), FOREIGN), PLAIN, ["Vary: none"]),
    "it says that they differ": ((READY, tried("GET", {**ORIGIN, "vary": "Accept, Origin"}), FOREIGN), PLAIN, []),
    "nothing keeps it": ((READY, tried("GET", {**ORIGIN, "cache-control": "no-store"}), FOREIGN), PLAIN, []),
    "the same for all": ((READY, tried("GET", ORIGIN), tried("GET", ORIGIN, origin=THEIRS)), PLAIN, []),
    "limited": ((READY, preflight({}, "429"), tried("GET", ORIGIN)), PLAIN, []),
    "none is allowed": ((READY, FOREIGN), NONE, "by cors.pages no origin is allowed"),
    "no time": ((READY, ExerciseBegan(at=2.1, name="keeping out")), PLAIN, "there was no time left for it"),
    "another boot": ((READY,), PLAIN, "no origin was tried in this boot"),
    "never ready": ((), PLAIN, "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), LETS_IN.values(), ids=LETS_IN)
def test_lets_in(events: tuple[Event, ...], toml: str, expected: Said):
    """A browser would let pages of an allowed origin do all that is declared."""
    assert expected == said(cors.lets_in, events, TARGET + toml, "pages")


KEEPS_OUT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "kept out": ((READY, FOREIGN, tried("preflight GET", {}, "400", THEIRS)), PLAIN, []),
    "not answered": (
        (READY, UNANSWERED, tried("preflight GET", {}, "refused", THEIRS)),
        PLAIN,
        "it was not answered: refused, timeout",
    ),
    "crashed": ((READY, tried("GET", {}, "500", THEIRS)), PLAIN, "it was not answered: 500"),
    "crashed, and let in": ((READY, tried("GET", STAR, "500", THEIRS)), PLAIN, ["allows *"]),
    "answered once": ((READY, UNANSWERED, FOREIGN), PLAIN, []),
    "told whom it is for": ((READY, tried("GET", ORIGIN, origin=THEIRS)), PLAIN, []),
    "anybody": ((READY, tried("GET", STAR, origin=THEIRS)), PLAIN, ["allows *"]),
    "echoed": (
        (READY, tried("GET", {"access-control-allow-origin": THEIRS, **WITH}, origin=THEIRS)),
        PLAIN,
        [f"allows {THEIRS}, with credentials"],
    ),
    "null": ((READY, tried("GET", {"access-control-allow-origin": "null"}, origin="null")), PLAIN, ["allows null"]),
    "open to all": ((READY, tried("GET", STAR)), OPEN, []),
    "open to all, with credentials": (
        (READY, tried("GET", {**ORIGIN, **WITH})),
        OPEN,
        [f"allows {OURS}, with credentials"],
    ),
    "another boot": ((READY,), PLAIN, "no origin was tried in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), KEEPS_OUT.values(), ids=KEEPS_OUT)
def test_keeps_out(events: tuple[Event, ...], toml: str, expected: Said):
    """No page of a foreign origin would be shown anything."""
    assert expected == said(cors.keeps_out, events, TARGET + toml, "pages")


def socket(answer: str, origin: str = THEIRS) -> Event:
    """Return what became of the socket of a page."""
    return tried("socket", {}, answer, origin)


KEPT = socket("kept", OURS)
OF_SOCKETS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "as it should be": ((READY, KEPT, socket("denied 403")), SOCKET, []),
    "closed at once": ((READY, KEPT, socket("closed 1008")), SOCKET, []),
    "taken": ((READY, KEPT, socket("kept")), SOCKET, ["kept"]),
    "broken": ((READY, KEPT, socket("closed 1011"), socket("denied 500")), SOCKET, ["closed 1011", "denied 500"]),
    "nobody gets in": ((READY, socket("denied 403", OURS), socket("denied 403")), SOCKET, ["denied 403"]),
    "not declared": ((READY,), PLAIN, "cors.pages.socket is not declared"),
    "another boot": ((READY,), SOCKET, "no origin was tried in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), OF_SOCKETS.values(), ids=OF_SOCKETS)
def test_of_sockets(events: tuple[Event, ...], toml: str, expected: Said):
    """Sockets are for pages of allowed origins alone."""
    assert expected == said(cors.of_sockets, events, TARGET + toml, "pages")
