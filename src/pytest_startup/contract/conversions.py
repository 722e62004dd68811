"""From one value of a TOML text to what it means; each raises `Wrong` when the value cannot mean anything."""

from __future__ import annotations

import math
import re
import shlex
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from pytest_startup.contract.kinds import Wrong
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import RESERVED, Reference, TemplateError, segments
from pytest_startup.contract.values import CallableSignal, Command, Target, Url

A_DAY = 86_400
A_TEBIBYTE = 1 << 20
"""In MiB."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
PASSED = re.compile(r"[A-Za-z_*][A-Za-z0-9_*]*")

NONCE = "nonce"
"""The template which stands for a text that nobody has ever seen."""

ORIGIN = "origin"
"""The template which stands for where the application itself is asked, such as `http://127.0.0.1:8000`."""

WALKED = (NONCE, ORIGIN)
"""What every walk knows, before anything is captured."""

RECIPIENT = "recipient"

TAKEN = (*RESERVED, *WALKED, RECIPIENT)
"""Names which nothing that is captured may have, since they mean something else in a template."""

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TARGET = re.compile(rf"({_DOTTED}):({_DOTTED})")
HEALTH_PATH = re.compile(r"/[!-\"$-~]*")
_STAND_INS = {"url": "http://x", "port": "1"}


def text(value: object) -> str:
    """Return a text which is not blank; no NUL can reach an operating system."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Wrong
    return value


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise Wrong
    return value


def positive(most: float) -> Callable[[object], float]:
    """Return the conversion to a positive number up to `most`."""

    def convert(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise Wrong
        return float(value)

    return convert


seconds = positive(A_DAY)
"""Without an upper limit some timeout of the platform would overflow."""

mebibytes = positive(A_TEBIBYTE)
share = positive(10)


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return the conversion to a whole number from `low` to `high`."""

    def convert(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong
        return value

    return convert


status = whole(100, 599)
"""An HTTP status."""


def scalar(value: object) -> str | int | float | bool:
    """Return a text, a finite number, true or false."""
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise Wrong
    return value


def table(value: object) -> dict[str, JsonValue]:
    """Return a table of what JSON has too: no dates, no infinity."""
    if not isinstance(value, dict):
        raise Wrong
    return cast("dict[str, JsonValue]", _json(value))


def fields(value: object) -> dict[str, JsonValue]:
    """Return dotted path -> value: tables within the table are taken apart."""
    return dict(_flat(table(value), ""))


def path(value: object) -> Path:
    """Return a path."""
    if text(value).startswith("~"):
        raise Wrong(problem="begins with ~, which is not expanded")
    return Path(text(value))


def pattern(value: object) -> str:
    """Return a regular expression which tells one line from another."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = re.compile(text(value)).search("")
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(problem=f"is not a regular expression: {error}") from None
    if found:
        raise Wrong(problem="is found in every line, also in an empty one")
    return text(value)


def name(value: object) -> str:
    """Return the name of a phase or a service."""
    if not NAME.fullmatch(text(value)):
        raise Wrong
    return text(value)


def passed(value: object) -> str:
    """Return the name of a variable, or a shell pattern of names."""
    if text(value).startswith("PYTEST"):
        raise Wrong(problem="must never reach the application, which would notice that it is tested")
    if not PASSED.fullmatch(text(value)):
        raise Wrong
    return text(value)


def target(value: object) -> Target:
    """Return `package.module:attribute`."""
    if text(value).endswith("()"):
        raise Wrong(fix=f'write factory = "{text(value)[:-2]}"')
    return Target(*_dotted_pair(value))


def factory(value: object) -> Target:
    """Return `package.module:function`, a factory."""
    return Target(*_dotted_pair(value), factory=True)


def signal(value: object) -> CallableSignal:
    """Return `package.module:function` as a signal."""
    return CallableSignal(*_dotted_pair(value))


def template(value: object) -> str:
    """Return a text which may be empty and may hold templates."""
    if not isinstance(value, str) or "\0" in value:
        raise Wrong
    try:
        segments(value)
    except TemplateError as error:
        raise Wrong(problem=error.problem, shown=error.fragment, fix=error.fix) from None
    return value


def templated_text(value: object) -> str:
    """Return a text which is not blank, and may hold templates."""
    return template(text(value))


def argv(value: object) -> tuple[str, ...]:
    """Return the words of a command."""
    if not isinstance(value, list) or not value or not value[0]:
        raise Wrong
    return tuple(template(part) for part in value)


def command(value: object) -> Command:
    """Return a command given by its words, or as a shell would split it."""
    if not isinstance(value, str):
        return Command(argv(value))
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise Wrong(problem=f"cannot be split as a shell would: {error}") from None
    return Command(argv(words))


def url(value: object) -> Url:
    """Return an HTTP URL; templates in it are taken for good ones here."""
    whole = template(value)
    try:
        plain = urlsplit("".join(_stand_in(part) for part in segments(whole)))
        good = plain.scheme in {"http", "https"} and plain.hostname and plain.port != 0
    except ValueError:
        raise Wrong from None
    if not good or plain.query or plain.fragment or any(letter.isspace() for letter in whole):
        raise Wrong
    return Url(whole.rstrip("/"))


def templated_url(value: object) -> str:
    """Return a path, or an HTTP URL, which may hold templates."""
    whole = template(value)
    if not whole.startswith(("/", "http://", "https://", "{")) or any(letter.isspace() for letter in whole):
        raise Wrong
    return whole


def templated_texts(value: object) -> dict[str, str]:
    """Return a table of texts, which may hold templates."""
    if not isinstance(value, dict):
        raise Wrong
    return {str(key): template(item) for key, item in value.items()}


def templated_json(value: object) -> dict[str, JsonValue]:
    """Return a table of what JSON has; texts within may hold templates."""
    found = table(value)
    for each in texts_of(found):
        template(each)
    return found


def templated_value(value: object) -> JsonValue:
    """Return anything that TOML and JSON have in common; texts within may hold templates."""
    found = _json(value)
    for each in texts_of(found):
        template(each)
    return found


def asked(value: object) -> tuple[JsonValue, ...]:
    """Return one frame, or several: tables and arrays as JSON, texts as they are, which may hold templates."""
    frames = value if isinstance(value, list) else [value]
    if not frames or not all(isinstance(each, str | dict | list) for each in frames):
        raise Wrong
    return tuple(map(templated_value, frames))


def schema(value: object) -> dict[str, JsonValue] | str:
    """Return a table, or the path of a file."""
    return table(value) if isinstance(value, dict) else text(value)


def plain_value(value: object) -> JsonValue:
    """Return anything that TOML and JSON have in common; braces in its texts mean nothing."""
    return _json(value)


def statuses(value: object) -> tuple[int, ...]:
    """Return one HTTP status, or several."""
    found = value if isinstance(value, list) else [value]
    if not found:
        raise Wrong
    return tuple(map(status, found))


def texts_of(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str]:
    """Yield every text within a JSON value, but not the keys."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts_of(item)
        case Mapping():
            for item in value.values():
                yield from texts_of(item)


def health_path(value: object) -> str:
    """Return a path which can be asked as it is."""
    if HEALTH_PATH.fullmatch(text(value)):
        return text(value)
    if text(value).lower() in {"none", "false", "no"}:
        raise Wrong(fix="write false, without quotes, when there is none")
    rooted = f"/{text(value).lstrip('/')}"
    raise Wrong(nearest=rooted if HEALTH_PATH.fullmatch(rooted) else "")


def _json(value: object) -> JsonValue:
    match value:
        case dict():
            return {str(key): _json(item) for key, item in value.items()}
        case list():
            return [_json(item) for item in value]
    return scalar(value)


def _flat(value: dict[str, JsonValue], prefix: str) -> Iterator[tuple[str, JsonValue]]:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def _dotted_pair(value: object) -> tuple[str, str]:
    parts = _TARGET.fullmatch(text(value))
    if parts is None or parts[1].endswith(".py"):
        raise Wrong(nearest=meant(text(value)))
    return parts[1], parts[2]


def meant(given: str) -> str:
    """Return the target that was probably meant: no file name, no call, a colon before the last name."""
    given = re.sub(r"\.py(?=:|$)", "", given.strip()).removesuffix("()").replace("/", ".").strip(".")
    if ":" not in given and "." in given:
        given = ":".join(given.rsplit(".", 1))
    return given if _TARGET.fullmatch(given) else ""


def _stand_in(part: str | Reference) -> str:
    if isinstance(part, str):
        return part
    return _STAND_INS.get(part.owner if not part.name else part.name, "x")
