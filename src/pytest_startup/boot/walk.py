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
from typing import Any
from urllib.parse import urlencode

from pytest_startup.boot import expected
from pytest_startup.boot.binding import bound
from pytest_startup.boot.captured import taken
from pytest_startup.boot.jar import Jar
from pytest_startup.boot.outgoing import (
    Answer,
    Errand,
    Evaluation,
    Listening,
    Minting,
    Namespace,
    Outgoing,
    Result,
    Statement,
    Talk,
    Upgrade,
    Words,
)
from pytest_startup.boot.questions import Asker
from pytest_startup.boot.socket_errands import errand_of, text_of
from pytest_startup.boot.socket_errands import frames as filled_frames
from pytest_startup.boot.values import Values, filled, said, secrets_among, secrets_in
from pytest_startup.chat import nonces
from pytest_startup.contract.actions import Call, Hearing, Query, RedisCommand, Request, Turn
from pytest_startup.contract.journeys import NONCE, Step
from pytest_startup.contract.minting import Mint
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
        self._jar = Jar()

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
            case Mint():
                return self._mint(step.action, step.max_seconds)
            case _:
                return errand_of(step.action, self, step.max_seconds)

    def _request(self, request: Request, seconds: float) -> Outgoing:
        url = self.values.url(request.url)
        headers = {name: self.values.text(text) for name, text in request.headers.items()}
        body, kind = self._body(request)
        if kind:
            headers.setdefault("Content-Type", kind)
        headers = self.cookies(url) | headers
        self.secrets += secrets_in(headers)
        return Outgoing(request.method, url, headers, body, seconds)

    def _mint(self, made: Mint, seconds: float) -> Minting:
        key, claims, header = (self.values.filled(each) for each in (made.key, made.claims, made.header))
        self.secrets.append(said(key))
        return Minting(claims, said(key), made.key_file, made.algorithm, made.expires_in, header, seconds)

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
        frames = filled_frames(client.first, self)
        namespace = Namespace(client.namespace, self.values.filled(client.auth)) if client.is_socketio else None
        self.tell([headers, query, *frames, namespace.auth if namespace is not None else {}])
        subprotocols = tuple(map(self.values.text, client.subprotocols))
        return Upgrade(url, headers, subprotocols, tuple(map(text_of, frames)), namespace)

    def tell(self, said: Sequence[Any]) -> None:
        """Note the secrets in what is about to be told to the application."""
        self.secrets += secrets_in(said)

    def onward(self, steps: Sequence[Step]) -> Walk:
        """Return this walk with further steps after those that it has made."""
        longer = Walk(steps, self.values)
        longer.values, longer.at, longer.secrets = self.values, self.at, self.secrets
        longer._asked, longer._jar = self._asked, self._jar  # what it has asked may come back: a history
        return longer

    def cookies(self, url: str, instead: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Return the header with the cookies of whoever is at a URL; as `Jar.header` does."""
        return self._jar.header(url, instead)

    def cookie(self, name: str) -> str | None:
        """Return the cookie of this name that some host has given; None where none has."""
        return self._jar.find(name)

    def wrong(self, result: Result) -> str:
        """Return what would be wrong with a result of this step; empty when nothing would be. It stays at the step."""
        step = self.step
        if step is None:
            return "nothing was asked"
        gives = None if step.gives is None else self.values.filled(step.gives)
        return expected.wrong(step, gives, result) or self._taken(step, result)[1]

    def _taken(self, step: Step, result: Result) -> tuple[dict[str, JsonValue], str]:
        asked = self.values.url(step.action.url) if isinstance(step.action, Request) else self.values.base
        return taken(step, result, self._jar.at(asked))

    def answered(self, result: Result) -> str:
        """Take the result, go on to the next step, and return what was wrong with it; empty when nothing was."""
        step = self.step
        if step is not None and isinstance(step.action, Request) and isinstance(result, Answer):
            self._jar.keep(self.values.url(step.action.url), result)
            self.secrets += self._jar.values()
        problem = self.wrong(result)
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

    def _keep(self, taken: Mapping[str, JsonValue]) -> None:
        self.values.captured.update(taken)
        self.secrets += secrets_among(taken)
