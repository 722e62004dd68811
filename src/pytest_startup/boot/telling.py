"""Asking for what headers answers have: as somebody, as nobody, for what there is not, and for a socket."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pytest_startup.boot import asking
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Answer, Outgoing
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, Headers
from pytest_startup.events.guarded import HEADERS_WALKER, HeadersTold, NotTried

SECONDS = 5.0
"""What an answer may take."""

Asker = Literal["somebody", "nobody", "unknown", "socket"]


@dataclass(frozen=True, slots=True)
class Telling:
    """Asks everything of which the headers count, and records them."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means

    def all(self, deadline: Deadline) -> None:
        """Ask by all rules."""
        for rules in self.contract.headers:
            walk: Walk | None = Walk((), self.values)
            if rules.journey is not None:
                walker = Walker(self.recorder, self.values, HEADERS_WALKER, self.means)
                walk = walker.walk(rules.journey, self.contract.journey(rules.journey).steps, deadline)
            if walk is None:
                at, reason = self.recorder.elapsed(), f"the journey {rules.journey} failed"
                self.recorder.add(NotTried(at=at, sort="headers", name=rules.name, reason=reason))
                continue
            for asked, path, request in requests(rules, walk):
                self.recorder.keep_secret(asking.secrets_of(request))
                self._record(rules, asked, path, send(request, deadline), deadline)

    def _record(self, rules: Headers, asked: Asker, path: str, answer: Answer, deadline: Deadline) -> None:
        if deadline.expired:  # what is wrong by then is our own doing
            return
        wanted = {name.lower() for name in (*rules.required, *rules.absent)}
        found: dict[str, list[str]] = {}
        for name, value in answer.headers:
            if name.lower() in wanted:
                found.setdefault(name.lower(), []).append(self.recorder.mask(value.strip()))
        event = HeadersTold(
            at=self.recorder.elapsed(),
            rules=rules.name,
            path=path,
            asked=asked,
            answer=self.recorder.mask(answer.said),
            headers=found,
        )
        self.recorder.add(event)


def requests(rules: Headers, walk: Walk) -> Iterator[tuple[Asker, str, Outgoing]]:
    """Yield who asks, for what, and the request."""
    nowhere: dict[str, str] = {}
    for path in rules.paths:
        url = walk.values.url(path)
        own = {**walk.cookies(url), **{name: walk.values.text(text) for name, text in rules.headers.items()}}
        yield "somebody", path, _get(url, own)
        if own:
            yield "nobody", path, _get(url, {})
        parts = urlsplit(url)
        nowhere.setdefault(f"{parts.scheme}://{parts.netloc}", f"/{secrets.token_hex(8)}")
    for base, path in nowhere.items():
        yield "unknown", "a path that there is not", _get(f"{base}{path}", {})
    if rules.socket is not None:
        yield "socket", rules.socket.path, _get(walk.values.url(rules.socket.path), _handshake())


def _get(url: str, headers: Mapping[str, str]) -> Outgoing:
    return Outgoing("GET", url, headers, None, SECONDS)


def _handshake() -> dict[str, str]:
    """Return the headers of an upgrade (RFC 6455, 4.1) by somebody who shows nothing."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    return {**upgrade, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
