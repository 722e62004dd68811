"""Asking as a page of another origin does: a preflight, the request itself, the upgrade of a socket (Fetch)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from pytest_startup.boot import asking
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Answer, Outgoing
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.showing import CLOSED_SECONDS, KEPT_SECONDS, watched
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, Cors
from pytest_startup.events.guarded import ORIGINS_WALKER, NotTried, OriginTried

SECONDS = 5.0
"""What an answer may take."""

KEPT = ("access-control-", "vary", "cache-control")
"""Beginnings of the names of headers which count."""


def tried(cors: Cors) -> Iterator[tuple[str, bool]]:
    """Yield origins, and whether they are allowed: those named, strangers, and one that begins as an allowed one."""
    stranger = f"https://{secrets.token_hex(4)}.invalid"
    if cors.open:
        yield from ((origin, True) for origin in (stranger, "null"))
        return
    yield from ((origin, True) for origin in cors.origins)
    plain = [origin for origin in cors.origins if urlsplit(origin).hostname and urlsplit(origin).port is None]
    disguised = [f"{origin}.{urlsplit(stranger).hostname}" for origin in plain[:1]]
    for origin in (*cors.foreign, stranger, *disguised, *(["null"] if "null" not in cors.origins else [])):
        yield origin, False


@dataclass(frozen=True, slots=True)
class Origins:
    """Comes from elsewhere in one boot, and records what is answered."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means

    def all(self, deadline: Deadline) -> None:
        """Try all rules."""
        for cors in self.contract.cors:
            walk: Walk | None = Walk((), self.values)
            if cors.journey is not None:
                walker = Walker(self.recorder, self.values, ORIGINS_WALKER, self.means)
                walk = walker.walk(cors.journey, self.contract.journey(cors.journey).steps, deadline)
            if walk is None:
                at, reason = self.recorder.elapsed(), f"the journey {cors.journey} failed"
                self.recorder.add(NotTried(at=at, sort="cors", name=cors.name, reason=reason))
                continue
            for origin, allowed in tried(cors):
                self._as(origin, cors, walk, deadline, allowed=allowed)

    def _as(self, origin: str, cors: Cors, walk: Walk, deadline: Deadline, *, allowed: bool) -> None:
        """Ask everything as a page of one origin."""
        known: Any = {"at": 0.0, "cors": cors.name, "origin": origin, "allowed": allowed}
        for path in cors.paths:
            url = walk.values.url(path)
            for method in cors.methods:
                answer = send(Outgoing("OPTIONS", url, _preflight(origin, method, cors), None, SECONDS), deadline)
                self._record(OriginTried(**known, path=path, what=f"preflight {method}", **_seen(answer)), deadline)
            if "GET" in cors.methods:
                own = {name: walk.values.text(text) for name, text in cors.headers.items()}
                headers = {"Origin": origin, **walk.cookies(url), **own}
                request = Outgoing("GET", url, headers, None, SECONDS)
                self.recorder.keep_secret(asking.secrets_of(request))
                answer = send(request, deadline)
                self._record(OriginTried(**known, path=path, what="GET", **_seen(answer)), deadline)
        if cors.socket is not None and not deadline.expired:
            url = walk.values.url(cors.socket.path)
            opening = asking.upgrade(cors.socket, walk.values, more={"Origin": origin, **walk.cookies(url)})
            self.recorder.keep_secret(asking.secrets_of(opening))
            answer = Answer(watched(opening, KEPT_SECONDS if allowed else CLOSED_SECONDS))
            self._record(OriginTried(**known, path=cors.socket.path, what="socket", **_seen(answer)), deadline)

    def _record(self, event: OriginTried, deadline: Deadline) -> None:
        if not deadline.expired:  # what is wrong by then is our own doing
            at, answer = self.recorder.elapsed(), self.recorder.mask(event.answer)
            self.recorder.add(replace(event, at=at, answer=answer))


def _preflight(origin: str, method: str, cors: Cors) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    names = ",".join(sorted(name.lower() for name in cors.allow_headers))
    return asked | ({"Access-Control-Request-Headers": names} if names else {})


def _seen(answer: Answer) -> Mapping[str, Any]:
    """Return the answer, and its headers which count; several of one name are one list (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in answer.headers:
        if name.lower().startswith(KEPT):
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return {"answer": answer.said, "headers": found}
