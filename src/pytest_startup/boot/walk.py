"""Walking a journey, without input or output: a request goes out, its answer comes in, and so on to the end.

walk = Walk(journey.steps, Values(setting.values, "http://127.0.0.1:8000"))
while (request := walk.request()) is not None:
    problem = walk.answered(send(request))
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from pytest_startup.boot.recorder import is_sensitive
from pytest_startup.contract.journeys import NONCE, Step
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import Reference, expand, segments
from pytest_startup.contract.templates import Values as Known

LONG = 20
"""Characters from which on a value that was captured is taken for a secret, whatever its name, unless it is a UUID."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

SHOWN = 200


def nonce() -> str:
    """Return a text that nobody has ever seen: 16 hexadecimal digits."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class Values:
    """What templates stand for during one walk; `base` is where paths begin, `captured` grows on the way."""

    known: Known
    base: str
    captured: dict[str, JsonValue] = field(default_factory=dict)

    def within(self, **more: JsonValue) -> Values:
        """Return the same values with some more."""
        return Values(self.known, self.base, {**self.captured, **more})

    def text(self, text: str) -> str:
        """Return a text with every template replaced; raises `ContractError` for one which stands for nothing."""
        return "".join(part if isinstance(part, str) else self._value(part) for part in segments(text))

    def filled(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return a JSON value with the templates in its texts replaced.

        A text which is nothing but the name of what was captured becomes that, be it a number.
        """
        if isinstance(value, str):
            whole = segments(value)
            alone = whole[0] if len(whole) == 1 else None
            name = alone.owner if isinstance(alone, Reference) and not alone.name else ""
            return self.captured[name] if name in self.captured else self.text(value)
        if isinstance(value, Mapping):
            return {key: self.filled(item) for key, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list | tuple) else value

    def url(self, text: str) -> str:
        """Return the whole URL of a path, or of a URL; what was captured is quoted, unless the URL begins with it."""
        first, *rest = segments(text)
        found = (first if isinstance(first, str) else self._value(first)) + "".join(map(self._quoted, rest))
        return self.base + found if found.startswith("/") else found

    def _quoted(self, part: str | Reference) -> str:
        if isinstance(part, str):
            return part
        value = self._value(part)
        return quote(value, safe="") if not part.name and part.owner in self.captured else value

    def _value(self, reference: Reference) -> str:
        if not reference.name and reference.owner in self.captured:
            return said(self.captured[reference.owner])
        return expand(str(reference), self.known)


def secrets_in(value: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Yield the texts in headers, fields or a JSON document whose names are those of secrets.

    Of "Bearer x" in a header both the whole and "x" are secrets.
    """
    for name, found in value.items() if isinstance(value, Mapping) else ():
        if isinstance(found, str) and is_sensitive(name):
            yield found
            yield found.partition(" ")[2] or found
        yield from secrets_in(found)
    for found in value if isinstance(value, list | tuple) else ():
        yield from secrets_in(found)


def said(value: JsonValue) -> str:
    """Return a captured value as it stands in a text."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, ready to be sent within `seconds`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    seconds: float

    def within(self, seconds: float) -> Outgoing:
        """Return the same request with another limit."""
        return replace(self, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, headers and body; or, with status 0, the kind of silence in `said`."""

    said: str
    status: int = 0
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


class Walk:
    """One walk of a journey. `at` is the number of the step which is made next, from 1.

    `secrets` are the texts to be masked which have come up so far.
    """

    def __init__(self, steps: Sequence[Step], values: Values) -> None:
        """Begin before the first step, with a nonce of its own."""
        self.values = values.within(**{NONCE: nonce()})
        self.at = 1
        self.secrets: list[str] = []
        self._steps = steps
        self._cookies: dict[str, dict[str, str]] = {}

    @property
    def step(self) -> Step | None:
        """The step which is made next; None at the end."""
        return self._steps[self.at - 1] if self.at <= len(self._steps) else None

    def request(self) -> Outgoing | None:
        """Return the request of the next step, None at the end; raises `ContractError` for a useless template."""
        step = self.step
        if step is None:
            return None
        url = self.values.url(step.request.url)
        headers = {name: self.values.text(text) for name, text in step.headers.items()}
        body, kind = self._body(step)
        if kind:
            headers.setdefault("Content-Type", kind)
        headers = self.cookies(url) | headers
        self.secrets += secrets_in(headers)
        return Outgoing(step.request.method, url, headers, body, step.max_seconds)

    def onward(self, steps: Sequence[Step]) -> Walk:
        """Return this walk with further steps after those that it has made."""
        longer = Walk(steps, self.values)
        longer.values, longer.at, longer.secrets, longer._cookies = self.values, self.at, self.secrets, self._cookies
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

    def answered(self, answer: Answer) -> str:
        """Take the answer, go on to the next step, and return what was wrong with it; empty when nothing was."""
        step = self.step
        if step is None:
            return "nothing was asked"
        problem = self._wrong(step, answer) or self._capture(step, answer)
        self._keep_cookies(self.values.url(step.request.url), answer)
        self.at += 1
        return problem

    def _body(self, step: Step) -> tuple[bytes | None, str]:
        if step.json is None and step.form is None:
            return None, ""
        filled = self.values.filled(step.json if step.json is not None else step.form)
        self.secrets += secrets_in(filled)
        if step.json is not None:
            return json.dumps(filled).encode(), "application/json"
        return urlencode(filled).encode(), "application/x-www-form-urlencoded"

    def _wrong(self, step: Step, answer: Answer) -> str:
        good = answer.status in step.status if step.status else answer.status // 100 == 2  # noqa: PLR2004
        if good:
            return ""
        wanted = " or ".join(map(str, step.status)) or "a status from 200 to 299"
        body = answer.body[:SHOWN].decode(errors="replace")
        return f"{wanted} was expected, not {answer.said}" + (f": {body}" if body else "")

    def _capture(self, step: Step, answer: Answer) -> str:
        """Keep what the step takes out of the answer; return what is not in it."""
        if not step.capture:
            return ""
        try:
            document = json.loads(answer.body)
        except ValueError:
            return f"{', '.join(step.capture)} cannot be taken from an answer that is not JSON"
        for name, path in step.capture.items():
            try:
                self.values.captured[name] = value = _at(document, path)
            except LookupError:
                return f"{name} cannot be taken from the answer: it has no {path}"
            text = said(value)
            if is_sensitive(name) or (len(text) >= LONG and not _UUID.fullmatch(text)):
                self.secrets.append(text)
        return ""

    def _keep_cookies(self, url: str, answer: Answer) -> None:
        for name, text in answer.headers:
            if name.lower() == "set-cookie":
                key, equals, value = text.partition(";")[0].partition("=")
                if equals and key.strip():  # as they are: the server knows what it has written (RFC 6265, 5.2)
                    self._cookies.setdefault(_host(url), {})[key.strip()] = value.strip()
        values = [value for jar in self._cookies.values() for value in jar.values()]
        self.secrets += [*values, *(value.strip('"') for value in values)]


def _at(document: Any, path: str) -> JsonValue:  # noqa: ANN401 (JSON)
    """Return what stands at a dotted path, a number being an index; raises `LookupError`."""
    value = document
    for part in path.split("."):
        if isinstance(value, dict):
            value = value[part]
        elif isinstance(value, list) and part.isdigit():
            value = value[int(part)]
        else:
            raise LookupError(path)
    found: JsonValue = value
    return found


def _host(url: str) -> str:
    """Return whose cookies those of a URL are: a host's, whatever the port (RFC 6265)."""
    return urlsplit(url).hostname or ""
