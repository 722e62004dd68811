"""Whether what came of a step is what the contract says: pure comparisons, and the words for what is wrong."""

from __future__ import annotations

import json
from typing import Any

from pytest_startup.boot.outgoing import Answer, Given, Result, shown
from pytest_startup.contract.actions import Hearing, Query, RedisCommand, Request
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.places import JsonValue

SHOWN = 200


def wrong(step: Step, gives: JsonValue, result: Result) -> str:
    """Return what is wrong with the result of a step which must give `gives` (None: anything); empty when nothing is.

    `gives` is what `step.gives` has become with its templates filled.
    """
    said = _status(step, result) if isinstance(result, Answer) else result.failed or _rows(step, result)
    return said or _value(step, gives, result)


def document(step: Step, result: Result) -> Any:  # noqa: ANN401 (JSON)
    """Return that of which parts can be taken; raises `ValueError` when it is not JSON."""
    if isinstance(result, Answer):
        return json.loads(result.body)
    if isinstance(step.action, Query):
        rows = result.value if isinstance(result.value, list) else []
        return dict(zip(result.columns, rows[0], strict=True)) if rows else {}
    if isinstance(step.action, RedisCommand | Hearing) and isinstance(result.value, str):
        return json.loads(result.value)
    return result.value


def same(wanted: JsonValue, found: JsonValue) -> bool:
    """Whether a value is the wanted one; a table may have further keys, and true is not 1."""
    match wanted, found:
        case dict(), dict():
            return all(key in found and same(value, found[key]) for key, value in wanted.items())
        case list(), list():
            return len(wanted) == len(found) and all(map(same, wanted, found))
    return isinstance(wanted, bool) == isinstance(found, bool) and wanted == found


def _status(step: Step, answer: Answer) -> str:
    wanted = step.action.status if isinstance(step.action, Request) else ()
    good = answer.status in wanted if wanted else answer.status // 100 == 2  # noqa: PLR2004
    if good:
        return ""
    status = " or ".join(map(str, wanted)) or "a status from 200 to 299"
    body = answer.body[:SHOWN].decode(errors="replace")
    return f"{status} was expected, not {answer.said}" + (f": {body}" if body else "")


def _rows(step: Step, given: Given) -> str:
    wanted = step.action.rows if isinstance(step.action, Query) else None
    found = len(given.value) if isinstance(given.value, list) else 0
    if wanted is None or wanted == found:
        return ""
    return f"{wanted} {'row was' if wanted == 1 else 'rows were'} expected, not {found}"


def _value(step: Step, gives: JsonValue, result: Result) -> str:
    if gives is None and not step.nothing:
        return ""
    try:
        found = _of_interest(step, gives, result)
    except ValueError:
        return f"{shown(gives)} was expected, not an answer that is no JSON"
    if step.nothing:
        return "" if found is None else f"nothing was expected, not {shown(found)}"
    return "" if same(gives, found) else f"{shown(gives)} was expected, not {shown(found)}"


def _of_interest(step: Step, gives: JsonValue, result: Result) -> JsonValue:
    """Return what is compared: of rows as much as `gives` speaks of; of a text from Redis what it stands for."""
    if isinstance(result, Answer):
        found: JsonValue = json.loads(result.body) if result.body else None
        return found
    value = result.value
    if isinstance(step.action, Query):
        rows = value if isinstance(value, list) else []
        if isinstance(gives, list) and all(isinstance(each, list) for each in gives):
            return rows
        first = rows[0] if rows else None
        return first if isinstance(gives, list) or not first else first[0]
    if isinstance(value, str) and not isinstance(gives, str):
        return _spoken(value) if isinstance(step.action, RedisCommand | Hearing) else value
    return value


def _spoken(text: str) -> JsonValue:
    """Return what a text stands for where everything is a text: a number, a table; else itself."""
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return text
    return found
