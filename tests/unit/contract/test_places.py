"""Places: parsed, never evaluated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.contract.places import Attribute, Call, Item, Place, PlaceError

PARSED = {
    "app": ("app", "", []),
    "app.state.database": ("app", "", [["attr", "state"], ["attr", "database"]]),
    'app["/chat"].state.bridge': ("app", "", [["item", "/chat"], ["attr", "state"], ["attr", "bridge"]]),
    "lifespan.pool": ("lifespan", "", [["attr", "pool"]]),
    'lifespan["pool"]': ("lifespan", "", [["item", "pool"]]),
    "agent_chat.ws:manager": ("module", "agent_chat.ws", [["attr", "manager"]]),
    "agent_chat.ws : manager.x": ("module", "agent_chat.ws", [["attr", "manager"], ["attr", "x"]]),
    "app:app": ("module", "app", [["attr", "app"]]),
    'ws:by_name["a:b"]': ("module", "ws", [["attr", "by_name"], ["item", "a:b"]]),
    'app["a:b"]': ("app", "", [["item", "a:b"]]),
    "bridge.executor": ("component", "bridge", [["attr", "executor"]]),
    "bridge": ("component", "bridge", []),
    "app.state.x[-1]": ("app", "", [["attr", "state"], ["attr", "x"], ["item", -1]]),
    "app.f()": ("app", "", [["attr", "f"], ["call", [], {}]]),
    "app.f(1, 'a', (None, True), k={'a': [1.5]})": (
        "app",
        "",
        [["attr", "f"], ["call", [1, "a", [None, True]], {"k": {"a": [1.5]}}]],
    ),
    "größe.x": ("component", "größe", [["attr", "x"]]),
}

NOT_A_PLACE = (
    'is not a place such as app.state.x, app["/mounted"].state.x, lifespan.x, package.module:name, app.state.factory()'
)
NOT_LITERAL = "which is not a literal (text, number, true, false, None, list, dict)"
REFUSED = {
    "": NOT_A_PLACE,
    "app.": NOT_A_PLACE,
    "app x": NOT_A_PLACE,
    "a:": NOT_A_PLACE,
    "a:b:c": NOT_A_PLACE,
    "1": NOT_A_PLACE,
    "app + 1": NOT_A_PLACE,
    "(lambda: 1)()": NOT_A_PLACE,
    "app\0": NOT_A_PLACE,
    "(" * 900: NOT_A_PLACE,
    "app.x" + ".x" * 500: "is longer than 1000 characters",
    "app[x]": f"uses x, {NOT_LITERAL}",
    "app[1:2]": f"uses 1:2, {NOT_LITERAL}",
    "app.f(open('x'))": f"uses open('x'), {NOT_LITERAL}",
    "app.f(*[1])": f"uses *[1], {NOT_LITERAL}",
    "app.f(**{})": "passes ** to a call; only literal arguments are allowed",
    "app.f(1e999)": f"uses 1e309, {NOT_LITERAL}",
    "app.f({1: 2})": f"uses {{1: 2}}, {NOT_LITERAL}",
    "app.f(b'x')": f"uses b'x', {NOT_LITERAL}",
    "app.f({1, 2})": f"uses {{1, 2}}, {NOT_LITERAL}",
    "app[" + "-" * 900 + "x]": f"uses an expression, {NOT_LITERAL}",
    "app.f(1j)": f"uses 1j, {NOT_LITERAL}",
}


@pytest.mark.parametrize("text", PARSED)
def test_parses(text: str):
    """A place has a root and steps, whatever its form."""
    place = Place.parse(text)
    root, name, steps = PARSED[text]

    assert (root, name, steps) == (place.root, place.name, [step.as_json() for step in place.steps])
    assert text == str(place)


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str):
    """Anything but attributes, literal items and calls with literals is refused, with the reason."""
    with pytest.raises(PlaceError) as caught:
        Place.parse(text)

    assert REFUSED[text] == str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app.x", {"root": "app", "module": None, "component": None}),
        ("lifespan.x", {"root": "lifespan", "module": None, "component": None}),
        ("a.b:x", {"root": "module", "module": "a.b", "component": None}),
        ("db.x", {"root": "component", "module": None, "component": "db"}),
    ],
)
def test_as_json(text: str, expected: dict[str, Any]):
    """The agent gets plain data, which JSON carries unchanged."""
    data = Place.parse(text).as_json()

    assert expected | {"steps": [["attr", "x"]], "text": text} == data
    assert data == json.loads(json.dumps(data))


@pytest.mark.parametrize(
    ("text", "expected"), [("app", False), ("app.x", True), ("app['x']", True), ("app.x()", False)]
)
def test_assignable(text: str, *, expected: bool):
    """Only an attribute or an item can be written."""
    assert expected is Place.parse(text).assignable


def test_equality():
    """Two places are equal, and hash alike, when their texts are."""
    assert Place.parse("app.f([1])") == Place.parse("app.f([1])")
    assert len({Place.parse("app.f([1])"), Place.parse("app.f([1])"), Place.parse("app.f()")}) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.from_regex(r"[a-z]{2,4}_", fullmatch=True)
STEPS = (
    st.builds(Attribute, NAMES)
    | st.builds(Item, JSON)
    | st.builds(
        Call,
        st.lists(JSON, max_size=2).map(tuple),
        st.dictionaries(NAMES, JSON, max_size=2).map(lambda keywords: tuple(keywords.items())),
    )
)


def _written(step: Attribute | Item | Call) -> str:
    match step:
        case Attribute(name):
            return f".{name}"
        case Item(key):
            return f"[{key!r}]"
        case Call(arguments, keywords):
            words = [*map(repr, arguments), *(f"{name}={value!r}" for name, value in keywords)]
            return f"({', '.join(words)})"


@given(st.sampled_from(["app", "lifespan", "component_", "package.module:name"]), st.lists(STEPS, max_size=4))
def test_round_trip(root: str, steps: list[Attribute | Item | Call]):
    """What is written as a place is read as the same steps."""
    text = root + "".join(map(_written, steps))
    if len(text) > 1000:
        return
    first = [Attribute("name")] if ":" in root else []

    assert tuple(first + steps) == Place.parse(text).steps


@given(st.text(alphabet=st.characters(), max_size=40) | st.text(alphabet="ap.[]()'\"\\:=*{}1, \n", max_size=40))
def test_any_text(text: str):
    """Any text is a place or a `PlaceError`, never another error."""
    try:
        place = Place.parse(text)
    except PlaceError:
        return

    assert text == place.text
