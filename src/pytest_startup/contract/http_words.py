"""The words of HTTP as values: origins (RFC 6454, 6.2), methods and names of headers (RFC 9110, 5.6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from pytest_startup.contract.conversions import text
from pytest_startup.contract.kinds import Leaf, Wrong

_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^\s/?#@]+")
_METHOD = re.compile(r"[A-Z]+")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _matching(shape: re.Pattern[str]) -> Callable[[object], str]:
    """Return the conversion to a text of this shape."""

    def convert(value: object) -> str:
        if not shape.fullmatch(text(value)):
            raise Wrong
        return text(value)

    return convert


def _leaf(words: str, example: str, shape: re.Pattern[str]) -> Leaf[str]:
    return Leaf(words, example, _matching(shape), {"type": "string", "pattern": f"^{shape.pattern}$"})


ORIGIN = _leaf("an origin such as https://example.com, * or null", '"https://app.example.com"', _ORIGIN)
METHOD = _leaf("a method in capitals", '"GET"', _METHOD)
HEADER = _leaf("the name of a header", '"Authorization"', _HEADER)
