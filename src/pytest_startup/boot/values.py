"""What templates stand for while somebody uses the application, and which of it is to be masked in every report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from pytest_startup.boot.recorder import is_sensitive
from pytest_startup.contract.conversions import ORIGIN
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import Reference, expand, segments
from pytest_startup.contract.templates import Values as Known

LONG = 20
"""Characters from which on a value that was captured is taken for a secret, whatever its name, unless it is a UUID."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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
        if str(reference) == f"{{{ORIGIN}}}":
            return "{0.scheme}://{0.netloc}".format(urlsplit(self.base))
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


def filled(place: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return a place, as the agent reads it, with the templates in the arguments of its calls replaced."""
    steps = [[kind, *values.filled(what)] if kind == "call" else [kind, *what] for kind, *what in place["steps"]]
    return {**place, "steps": steps}


def secrets_among(taken: Mapping[str, JsonValue]) -> Iterator[str]:
    """Yield what is to be masked of values that were captured, by their names and how long they are."""
    for name, value in taken.items():
        text = said(value)
        if is_sensitive(name) or (len(text) >= LONG and not _UUID.fullmatch(text)):
            yield text
