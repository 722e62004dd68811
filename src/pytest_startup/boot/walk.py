"""Walking a journey, without input or output: an errand goes out, its result comes in, and so on to the end.

walk = Walk(journey.steps, Values(setting.values, "http://127.0.0.1:8000"))
while (errand := walk.errand()) is not None:
    problem = walk.answered(means.do(errand))
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from pytest_startup.boot import expected
from pytest_startup.boot.binding import bound
from pytest_startup.boot.outgoing import (
    Answer,
    Errand,
    Evaluation,
    Listening,
    Outgoing,
    Result,
    Statement,
    Talk,
    Upgrade,
    Words,
)
from pytest_startup.boot.questions import Asker
from pytest_startup.boot.values import Values, filled, said, secrets_among, secrets_in
from pytest_startup.chat import nonces
from pytest_startup.chat.frames import at as look
from pytest_startup.contract.actions import Call, Hearing, Query, RedisCommand, Request, Turn
from pytest_startup.contract.journeys import NONCE, Step
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.sockets import SocketClient

__all__ = ["Values", "Walk", "filled", "nonce", "said", "secrets_in"]


def nonce() -> str:
    """Return a text that nobody has ever seen: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class Walk:
    """One walk of a journey. `at` is the number of the step which is made next, from 1.

    `secrets` are the texts to be masked which have come up so far.
    """

    def __init__(self, steps: Sequence[Step], values: Values) -> None:
        """Begin before the first step, with a nonce of its own unless the values have one."""
        self.values = values.within(**{NONCE: nonce(), **values.captured})
        self.at = 1
        self.secrets: list[str] = []
        self._steps = steps
        self._asked: list[str] = []
        self._cookies: dict[str, dict[str, str]] = {}

    @property
    def asked(self) -> tuple[str, ...]:
        """The nonces of what has been asked so far."""
        return tuple(self._asked)

    @property
    def step(self) -> Step | None:
        """The step which is made next; None at the end."""
        return self._steps[self.at - 1] if self.at <= len(self._steps) else None

    def errand(self) -> Errand | None:  # noqa: PLR0911 (one for each kind)
        """Return what the next step wants done, None at the end; raises `ContractError` for a useless template."""
        step = self.step
        if step is None:
            return None
        match step.action:
            case Request():
                return self._request(step.action, step.max_seconds)
            case Call():
                place = filled(step.action.place.as_json(), self.values)
                return Evaluation(place, step.max_seconds)
            case Query():
                sql, parameters = bound(step.action.sql, self.values.filled)
                return Statement(step.action.service, sql, parameters, step.max_seconds)
            case RedisCommand():
                words = tuple(map(self.values.text, step.action.words))
                return Words(step.action.service, words, step.max_seconds)
            case Hearing():
                return Listening(step.action.service, self.values.text(step.action.channel), step.max_seconds)
            case Turn():
                return self.talk(step.action, step.max_seconds)

    def _request(self, request: Request, seconds: float) -> Outgoing:
        url = self.values.url(request.url)
        headers = {name: self.values.text(text) for name, text in request.headers.items()}
        body, kind = self._body(request)
        if kind:
            headers.setdefault("Content-Type", kind)
        headers = self.cookies(url) | headers
        self.secrets += secrets_in(headers)
        return Outgoing(request.method, url, headers, body, seconds)

    def talk(self, turn: Turn, seconds: float) -> Talk:
        """Return a turn of the chat, with a nonce of its own; raises `ContractError` for a useless template."""
        assert turn.chat is not None  # noqa: S101 - the reader has joined them
        word, chat = nonces.new(), turn.chat
        asker = Asker(turn.question, chat.fields, self.values.within(**{NONCE: word}), self.cookies, self.secrets)
        ask = asker.asks(greeted=bool(chat.capture))
        upgrade, earlier = self.upgrade(chat.socket), self.asked
        self._asked.append(word)
        return Talk(chat, upgrade, ask, word, seconds, earlier)

    def upgrade(self, client: SocketClient) -> Upgrade:
        """Return how whoever has come so far connects to a socket; raises `ContractError` for a useless template."""
        url = self.values.url(client.path)
        query = {name: self.values.text(text) for name, text in client.query.items()}
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
        headers = self.cookies(url) | {name: self.values.text(text) for name, text in client.headers.items()}
        frames = self.values.filled(client.first)
        self.secrets += secrets_in([headers, query, *frames])
        subprotocols = tuple(map(self.values.text, client.subprotocols))
        return Upgrade(url, headers, subprotocols, tuple(map(json.dumps, frames)))

    def onward(self, steps: Sequence[Step]) -> Walk:
        """Return this walk with further steps after those that it has made."""
        longer = Walk(steps, self.values)
        longer.values, longer.at, longer.secrets = self.values, self.at, self.secrets
        longer._asked, longer._cookies = self._asked, self._cookies  # what it has asked may come back: a history
        return longer

    def cookies(self, url: str, instead: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Return the header with the cookies of whoever is at a URL; empty when there are none.

        Those which `instead` names have another value, or are left out (None).
        """
        changed = {**self._cookies.get(_host(url), {}), **(instead or {})}
        kept = {name: value for name, value in changed.items() if value is not None}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}

    def cookie(self, name: str) -> str | None:
        """Return the cookie of this name that some host has given; None where none has."""
        return next((jar[name] for jar in self._cookies.values() if name in jar), None)

    def wrong(self, result: Result) -> str:
        """Return what would be wrong with a result of this step; empty when nothing would be. It stays at the step."""
        step = self.step
        if step is None:
            return "nothing was asked"
        gives = None if step.gives is None else self.values.filled(step.gives)
        return expected.wrong(step, gives, result) or self._taken(step, result)[1]

    def answered(self, result: Result) -> str:
        """Take the result, go on to the next step, and return what was wrong with it; empty when nothing was."""
        step, problem = self.step, self.wrong(result)
        if step is not None and isinstance(step.action, Request) and isinstance(result, Answer):
            self._keep_cookies(self.values.url(step.action.url), result)
        if step is not None and problem:  # it may show what has come, and a login that went wrong may bring a token
            with suppress(ValueError):
                self.secrets += secrets_in(expected.document(step, result))
        elif step is not None:
            self._keep(self._taken(step, result)[0])
        self.at += 1
        return problem

    def _body(self, request: Request) -> tuple[bytes | None, str]:
        if request.json is None and request.form is None:
            return None, ""
        document = self.values.filled(request.json if request.json is not None else request.form)
        self.secrets += secrets_in(document)
        if request.json is not None:
            return json.dumps(document).encode(), "application/json"
        return urlencode(document).encode(), "application/x-www-form-urlencoded"

    def _taken(self, step: Step, result: Result) -> tuple[dict[str, JsonValue], str]:
        """Return what the step takes out of the result, and what is not in it."""
        if not step.capture:
            return {}, ""
        try:
            document = expected.document(step, result)
        except ValueError:
            return {}, f"{', '.join(step.capture)} cannot be taken from an answer that is not JSON"
        found: dict[str, JsonValue] = {}
        for name, path in step.capture.items():
            try:
                found[name] = look(document, path)
            except LookupError:
                return {}, f"{name} cannot be taken from the answer: it has no {path}"
        return found, ""

    def _keep(self, taken: Mapping[str, JsonValue]) -> None:
        self.values.captured.update(taken)
        self.secrets += secrets_among(taken)

    def _keep_cookies(self, url: str, answer: Answer) -> None:
        for name, text in answer.headers:
            if name.lower() == "set-cookie":
                key, equals, value = text.partition(";")[0].partition("=")
                if equals and key.strip():  # as they are: the server knows what it has written (RFC 6265, 5.2)
                    self._cookies.setdefault(_host(url), {})[key.strip()] = value.strip()
        values = [value for jar in self._cookies.values() for value in jar.values()]
        self.secrets += [*values, *(value.strip('"') for value in values)]


def _host(url: str) -> str:
    """Return whose cookies those of a URL are: a host's, whatever the port (RFC 6265)."""
    return urlsplit(url).hostname or ""
