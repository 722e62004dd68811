"""Another question than the one of the contract: the keys of its frame which differ, with the nonce still in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_startup.contract.conversions import NONCE, texts_of
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import escape

TEMPLATE = f"{{{NONCE}}}"

Path = tuple[str | int, ...]


def differing(ask: Mapping[str, JsonValue], text: str | None, keys: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return the keys of the frame `ask` which differ, for a turn: nothing in them is a template but `{nonce}`.

    `text` takes the place of the one text in which the nonce stands, and has it at its end unless it says where.
    Raises `ValueError` when it is not clear which text that is, or no nonce would be left.
    """
    changed = {name: _literal(value) for name, value in keys.items()}
    if text is not None:
        path = _place(ask)
        name = str(path[0])
        said = text if TEMPLATE in text else f"{text} {TEMPLATE}"
        changed[name] = _with(changed.get(name, ask[name]), path[1:], _literal(said))
    question: Any = {**ask, **changed}
    if _has_nonce(ask) and not _has_nonce(question):
        fix = f"write {TEMPLATE} in a text of it"
        raise ValueError(f"the question has no {TEMPLATE}, by which its answer can be told from others; {fix}")
    return changed


def _has_nonce(frame: Mapping[str, JsonValue]) -> bool:
    return any(TEMPLATE in each for each in texts_of(frame))


def _place(ask: Mapping[str, JsonValue]) -> Path:
    """Return where the text of the question stands: the only text with a nonce, or the only one with more than that."""
    found = dict(_texts(ask, ()))
    longer = {path: text for path, text in found.items() if text != TEMPLATE}
    paths = list(found if len(found) == 1 else longer)
    if len(paths) == 1:
        return paths[0]
    places = ", ".join(".".join(map(str, path)) for path in found) or "nowhere"
    fix = "say the keys which differ by name"
    raise ValueError(f"which text of chat.ask is the question cannot be told: {TEMPLATE} stands in {places}; {fix}")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:  # noqa: ANN401 (JSON)
    if isinstance(value, str) and TEMPLATE in value:
        yield path, value
    for key, item in value.items() if isinstance(value, Mapping) else ():
        yield from _texts(item, (*path, key))
    for index, item in enumerate(value) if isinstance(value, list | tuple) else ():
        yield from _texts(item, (*path, index))


def _with(value: Any, path: Path, new: JsonValue) -> Any:  # noqa: ANN401 (JSON)
    """Return a value with something else at a path; one which has been changed to something without it becomes that."""
    if not path:
        return new
    here, rest = path[0], path[1:]
    if isinstance(value, Mapping) and here in value:
        return {key: _with(item, rest, new) if key == here else item for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with(item, rest, new) if index == here else item for index, item in enumerate(value)]
    raise ValueError(f"the text of the question stands at {here}, which is not there any more; say it there")


def _literal(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return TEMPLATE.join(map(escape, value.split(TEMPLATE)))
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    return [_literal(item) for item in value] if isinstance(value, list | tuple) else value
