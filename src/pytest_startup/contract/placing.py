"""From one text of a contract to a place within the application; each raises `Wrong` when it cannot be one."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_startup.contract.conversions import meant, template, text, texts_of
from pytest_startup.contract.kinds import Wrong
from pytest_startup.contract.places import Call, Place, PlaceError


def place(value: object) -> Place:
    """Return any place."""
    try:
        return Place.parse(text(value))
    except PlaceError as error:
        raise Wrong(problem=str(error)) from None


def rooted(value: object) -> Place:
    """Return a place which does not begin at a component."""
    found = place(value)
    if found.root == "component":
        problem = f"begins with {found.name}, which is neither app nor lifespan nor a module (package.module:name)"
        raise Wrong(problem=problem, nearest=meant(found.text) if found.text.count(".") > 1 else "")
    return found


def written(value: object) -> Place:
    """Return a place that somebody can write."""
    found = rooted(value)
    if not found.assignable:
        raise Wrong(problem="must end in an attribute or an item")
    return found


def within(value: object) -> Place:
    """Return a place with at least one step from its root."""
    found = place(value)
    if not found.steps:
        raise Wrong(problem="needs a path within the component")
    return found


def put(value: object) -> Place:
    """Return a place which ends in a call; texts within may hold templates."""
    found = called(value)
    if not found.steps or not isinstance(found.steps[-1], Call):
        raise Wrong(problem="must end in a call, which puts something in")
    return found


def called(value: object) -> Place:
    """Return a place whose calls may be given texts that hold templates."""
    found = place(value)
    for each in texts_in(found):
        template(each)
    return found


def below(value: object) -> str:
    """Return what may be written after the dot behind any place."""
    found = text(value)
    try:
        Place.parse(f"app.{found}")
    except PlaceError:
        raise Wrong from None
    return found


def texts_in(found: Place) -> Iterator[str]:
    """Yield every text that a place hands to a call."""
    for step in found.steps:
        if isinstance(step, Call):
            yield from texts_of([*step.arguments, *(item for _, item in step.keywords)])
