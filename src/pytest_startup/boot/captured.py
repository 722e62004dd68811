"""What a step takes out of its result for the steps which follow."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_startup.boot import expected
from pytest_startup.boot.outgoing import Answer, Result
from pytest_startup.boot.pages import Page
from pytest_startup.chat.frames import at
from pytest_startup.contract.captures import source_of
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.places import JsonValue


def taken(step: Step, result: Result, cookies: Mapping[str, str]) -> tuple[dict[str, JsonValue], str]:
    """Return what the step takes out of the result, and what is not in it; `cookies` are those of where it asked."""
    found: dict[str, JsonValue] = {}
    try:
        for name, path in step.capture.items():
            source, within = source_of(path)
            if source and isinstance(result, Answer):
                found[name] = _elsewhere(source, within, result, cookies)
            else:
                found[name] = at(expected.document(step, result), path)
    except ValueError:
        inside = ", ".join(each for each, path in step.capture.items() if not source_of(path)[0])
        return {}, f"{inside} cannot be taken from an answer that is not JSON"
    except LookupError:
        there = f"no {source} {within}" if source else f"no {path}"
        return {}, f"{name} cannot be taken from the answer: it has {there}"
    return found, ""


def _elsewhere(source: str, name: str, answer: Answer, cookies: Mapping[str, str]) -> str:
    """Return a cookie, a header, or what stands in a page; raises `LookupError`."""
    match source:
        case "cookie":
            return cookies[name]
        case "header":
            return {each.lower(): text for each, text in reversed(answer.headers)}[name.lower()]
        case "input":
            return Page(answer).inputs[name]
        case _:
            return Page(answer).metas[name]
