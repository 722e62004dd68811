"""What the frames of events must be, by their JSON Schemas: the first thing that is wrong with one, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pytest_startup.chat.frames import shown
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.places import JsonValue

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with a frame of this type: where in it, what was expected there, and what stands there."""

    about: str
    path: str
    expected: str
    observed: str


Judge = Callable[[JsonValue], Violation | None]


def judges(chat: Chat) -> Mapping[str, Judge]:
    """Return type -> what judges its frames, for all types whose schema is known."""
    known = {kind: schema for kind in chat.types if (schema := chat.schema(kind)) is not None}
    return {kind: _judge(kind, schema.validator().iter_errors) for kind, schema in known.items()}


def _judge(kind: str, errors: Callable[[JsonValue], object]) -> Judge:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 (a run without schemas does not pay for it)

    def judge(document: JsonValue) -> Violation | None:
        error = best_match(errors(document))  # type: ignore[arg-type]  # of the library
        return None if error is None else _violation(kind, error)

    return judge


def _violation(kind: str, error: ValidationError) -> Violation:
    path = error.json_path.removeprefix("$").removeprefix(".") or "the frame"
    here, wanted, stands = _said(error.instance), cast("Any", error.validator_value), cast("Any", error.instance)
    match error.validator:
        case "required":
            missing = [each for each in wanted if each not in stands]
            return Violation(kind, path, f"{', '.join(missing)} in it", f"it has {_keys(stands)}")
        case "type":
            return Violation(kind, path, f"of type {wanted if isinstance(wanted, str) else ' or '.join(wanted)}", here)
        case "additionalProperties" | "unevaluatedProperties" | "anyOf" | "oneOf" | "allOf" | "not":
            return Violation(kind, path, str(error.validator), shown(error.message))
    return Violation(kind, path, f"{error.validator} {_said(wanted)}", here)


def _keys(value: object) -> str:
    return shown(", ".join(value)) if isinstance(value, dict) and value else "nothing"


def _said(value: object) -> str:
    return shown(json.dumps(value, ensure_ascii=False, default=str))
