"""What a step keeps for later ones: names, and where each is taken from."""

from __future__ import annotations

from pytest_startup.contract.conversions import NAME, TAKEN, text
from pytest_startup.contract.kinds import Leaf, Wrong

SOURCES = ("cookie", "header", "input", "meta")
"""Where a value may be taken from, beside the JSON of an answer; as in `cookie:NAME`."""


def source_of(path: str) -> tuple[str, str]:
    """Return one of `SOURCES`, or nothing for the JSON of an answer; and the name, or the dotted path, within it."""
    source, colon, name = path.partition(":")
    return (source, name) if colon and name and source in SOURCES else ("", path)


def _captures(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Wrong
    for each in value:
        if not NAME.fullmatch(each) or each in TAKEN:
            raise Wrong(problem=f"cannot capture {each!r}: a name of its own is needed, of letters, digits, _ and -")
    return {each: text(item) for each, item in value.items()}


CAPTURES = Leaf(
    "a table of names and dotted paths in the JSON of the answer, or cookie:NAME, header:NAME, input:NAME, meta:NAME",
    '{ token = "access_token" }',
    _captures,
    {
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": {"type": "string", "minLength": 1},
    },
)
