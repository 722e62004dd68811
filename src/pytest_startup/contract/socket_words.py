"""What may stand where a contract speaks of WebSockets: frames, close codes, and how somebody is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_startup.contract.conversions import status, template, templated_json, whole
from pytest_startup.contract.kinds import Leaf, Schema, Wrong
from pytest_startup.contract.leaves import CLOSE_CODE, STATUS
from pytest_startup.contract.places import JsonValue

Frame = str | Mapping[str, JsonValue]
"""What is said over a socket: a text, or what becomes one as JSON."""

SENT = (1000, 1001, 1002, 1003, *range(1007, 1015))
"""The codes of the protocol that a client may send (RFC 6455, 7.4): the others say that none was sent."""

_FIRST, _FIRST_FREE, _LAST = 1000, 3000, 4999
"""Where close codes begin, where those do which every application may give a meaning, and where both end."""


def _several(convert: Callable[[object], int]) -> Callable[[object], tuple[int, ...]]:
    """Return the conversion of one value, or of an array of them."""

    def convert_all(value: object) -> tuple[int, ...]:
        return tuple(map(convert, _as_list(value)))

    return convert_all


def _as_list(value: object) -> list[object]:
    found = value if isinstance(value, list) else [value]
    if not found:
        raise Wrong
    return found


def _frames(value: object) -> tuple[Frame, ...]:
    return tuple(template(each) if isinstance(each, str) else templated_json(each) for each in _as_list(value))


def _refusal(value: object) -> int:
    return whole(_FIRST, _LAST)(value) if isinstance(value, int) and value >= _FIRST else status(value)


def _leaving(value: object) -> int:
    code = whole(0, _LAST)(value)
    if code and code not in SENT and code < _FIRST_FREE:
        raise Wrong
    return code


def _one_or_several(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


FRAMES = Leaf(
    "a table or a text, or an array of them",
    '{ type = "hello" }',
    _frames,
    _one_or_several({"type": ["object", "string"]}),
)
CLOSE_CODES = Leaf(
    "a WebSocket close code from 1000 to 4999, or an array of them",
    "1008",
    _several(whole(_FIRST, _LAST)),
    _one_or_several(CLOSE_CODE.json),
)
REFUSALS = Leaf(
    "an HTTP status from 100 to 599, a WebSocket close code from 1000 to 4999, or an array of them",
    "[403, 1008]",
    _several(_refusal),
    _one_or_several({"anyOf": [STATUS.json, CLOSE_CODE.json]}),
)
LEAVING = Leaf(
    "a close code that a client may send (1000 to 1003, 1007 to 1014, 3000 to 4999), or 0",
    "1000",
    _leaving,
    {"anyOf": [{"enum": [0, *SENT]}, {"type": "integer", "minimum": _FIRST_FREE, "maximum": _LAST}]},
)
