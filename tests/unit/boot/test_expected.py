"""What must come of a step, and statements with parameters: without input or output."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.boot import expected
from pytest_startup.boot.binding import bound
from pytest_startup.boot.outgoing import Answer, Given, shown
from pytest_startup.boot.walk import Values
from pytest_startup.contract.reader import parse

SERVICES = "[launch]\ntarget = 'app:app'\n[services.postgres]\n[services.redis]\n"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def wrong(step: str, result: Answer | Given) -> str:
    """Return what is wrong with a result of a step."""
    made = parse(f"{SERVICES}[[journeys]]\nname = 'a'\nsteps = [{{ redis = ['SUBSCRIBE', 'c'] }}, {{ {step} }}]")
    found = made.journeys[0].steps[1]
    return expected.wrong(found, found.gives, result)


def rows(*values: list[Any]) -> Given:
    """Return rows of two columns."""
    return Given(list(values), columns=("a", "b"))


RESULTS = {
    "the first value": ('sql = "s", gives = 1', rows([1, 2], [3, 4]), ""),
    "the first row": ('sql = "s", gives = [1, 2]', rows([1, 2], [3, 4]), ""),
    "all rows": ('sql = "s", gives = [[1, 2], [3, 4]]', rows([1, 2], [3, 4]), ""),
    "a row too many": ('sql = "s", gives = [[1, 2]]', rows([1, 2], [3]), "[[1, 2]] was expected, not [[1, 2], [3]]"),
    "no rows at all": ('sql = "s", gives = []', rows(), ""),
    "not the value": ('sql = "s", gives = "1"', rows([1, 2]), '"1" was expected, not 1'),
    "no row": ('sql = "s", gives = 1', rows(), "1 was expected, not nothing"),
    "true is not 1": ('sql = "s", gives = true', rows([1, 2]), "true was expected, not 1"),
    "a number is a number": ('sql = "s", gives = 1', rows([1.0, 2]), ""),
    "part of a table": ('sql = "s", gives = { a = 1 }', rows([{"a": 1, "b": 2}, 2]), ""),
    "null": ('sql = "s", nothing = true', rows([None, 2]), ""),
    "not nothing": ('sql = "s", nothing = true', rows([0, 2]), "nothing was expected, not 0"),
    "so many rows": ('sql = "s", rows = 1', rows([1, 2], [3, 4]), "1 row was expected, not 2"),
    "failed": ('sql = "s"', Given(failed="no such table"), "no such table"),
    "what Redis says is a text": ('redis = ["GET", "a"], gives = 1', Given("1"), ""),
    "or a document": ('redis = ["GET", "a"], gives = { b = [1] }', Given('{"b": [1], "c": 2}'), ""),
    "as a text": ('redis = ["GET", "a"], gives = "1"', Given("1"), ""),
    "not JSON": ('redis = ["GET", "a"], gives = 1', Given("x"), '1 was expected, not "x"'),
    "heard": ('hears = "c", gives = { a = 1 }', Given('{"a": 1}'), ""),
    "a call gives what it gives": ('call = "app.x()", gives = 1', Given("1"), '1 was expected, not "1"'),
    "a call gives nothing": ('call = "app.x()", nothing = true', Given(None), ""),
    "the body": ('get = "/", gives = { a = "b" }', Answer("200", 200, (), b'{"a": "b"}'), ""),
    "no body": ('get = "/", nothing = true', Answer("204", 204), ""),
    "no JSON": ('get = "/", gives = 1', Answer("200", 200, (), b"<"), "1 was expected, not an answer that is no JSON"),
    "the status first": ('get = "/", gives = 1', Answer("500", 500), "a status from 200 to 299 was expected, not 500"),
}  # fmt: skip


@pytest.mark.parametrize(("step", "result", "problem"), RESULTS.values(), ids=RESULTS)
def test_wrong(step: str, result: Answer | Given, problem: str):
    """What must come of a step is compared with what did, and said when it is something else."""
    assert problem == wrong(step, result)


@given(JSON)
def test_same(value: Any):  # noqa: ANN401 - JSON
    """Whatever it is, it is the same as itself, also when it has been JSON."""
    assert expected.same(value, json.loads(json.dumps(value)))


STATEMENTS = {
    "no template": ("select '{{}}', 1", ("select '{}', 1", ())),
    "bare": ("select {n} + {n}", ("select $1 + $2", (7, 7))),
    "in quotes": ("select '{n}'", ("select $1", (7,))),
    "within a text": ("x like '%{t}%' and y = 'it''s {t}'", ("x like $1 and y = $2", ("%a'b%", "it's a'b"))),
    "beside a text": ("select 'it''s', '{t}', 'a'", ("select 'it''s', $1, 'a'", ("a'b",))),
    "a table": ("select '{d}'::jsonb", ("select $1::jsonb", ('{"a": [1]}',))),
    "a service": ("select '{port}'", ("select $1", ("8000",))),
}


@pytest.mark.parametrize(("sql", "statement"), STATEMENTS.values(), ids=STATEMENTS)
def test_bound(sql: str, statement: tuple[str, tuple[Any, ...]]):
    """Every value becomes a parameter; a text in quotes is one as a whole."""
    values = Values({"port": "8000"}, "", {"n": 7, "t": "a'b", "d": {"a": [1]}})
    assert statement == bound(sql, values.filled)


@given(st.text())
def test_no_value_changes_a_statement(value: str):
    """Whatever was captured, the statement is the same."""
    values = Values({}, "", {"t": value})
    assert ("select $1, $2, $3", (value, value, f"a {value}")) == bound("select {t}, '{t}', 'a {t}'", values.filled)


def test_shown():
    """A long value is cut, and None is nothing."""
    assert ("nothing", '"ä"', 120) == (shown(None), shown("ä"), len(shown("x" * 500)))
