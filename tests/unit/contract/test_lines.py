"""On which line each key stands."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.contract.lines import KeyPath, key_lines

TEXT = '''\
# a comment with [table] and key = 1
top = 1
"quoted key" = "x # no comment"
'literal.key' = 'x'

[launch]
target = """
[not.a.table]
a = 1
"""
env.A = "1"   # dotted
env."B C".d = { x = 1, "y z" = [1, { q = 2 }] }
items = [
    1, # one
    "two",

    { three = 3 },
    [4,
     5],
]
raw = \'\'\'a = 1
b = 2\'\'\'
date = 1979-05-27 07:32:00
float = 1.5
empty = [ ]
none = {}

[[phases]]
name = "a"
[[phases]]
name = "b"
[phases.inner]
x = 1
[[phases.deep]]
y = 1
[[phases.deep]]
y = 2

[services."my db"] # comment
kind = "x"
[a.b.c]
'''

EXPECTED: dict[KeyPath, int] = {
    ("top",): 2,
    ("quoted key",): 3,
    ("literal.key",): 4,
    ("launch",): 6,
    ("launch", "target"): 7,
    ("launch", "env"): 11,
    ("launch", "env", "A"): 11,
    ("launch", "env", "B C"): 12,
    ("launch", "env", "B C", "d"): 12,
    ("launch", "env", "B C", "d", "x"): 12,
    ("launch", "env", "B C", "d", "y z"): 12,
    ("launch", "env", "B C", "d", "y z", 0): 12,
    ("launch", "env", "B C", "d", "y z", 1): 12,
    ("launch", "env", "B C", "d", "y z", 1, "q"): 12,
    ("launch", "items"): 13,
    ("launch", "items", 0): 14,
    ("launch", "items", 1): 15,
    ("launch", "items", 2): 17,
    ("launch", "items", 2, "three"): 17,
    ("launch", "items", 3): 18,
    ("launch", "items", 3, 0): 18,
    ("launch", "items", 3, 1): 19,
    ("launch", "raw"): 21,
    ("launch", "date"): 23,
    ("launch", "float"): 24,
    ("launch", "empty"): 25,
    ("launch", "none"): 26,
    ("phases",): 28,
    ("phases", 0): 28,
    ("phases", 0, "name"): 29,
    ("phases", 1): 30,
    ("phases", 1, "name"): 31,
    ("phases", 1, "inner"): 32,
    ("phases", 1, "inner", "x"): 33,
    ("phases", 1, "deep"): 34,
    ("phases", 1, "deep", 0): 34,
    ("phases", 1, "deep", 0, "y"): 35,
    ("phases", 1, "deep", 1): 36,
    ("phases", 1, "deep", 1, "y"): 37,
    ("services",): 39,
    ("services", "my db"): 39,
    ("services", "my db", "kind"): 40,
    ("a",): 41,
    ("a", "b"): 41,
    ("a", "b", "c"): 41,
}


def test_lines():
    """Tables, arrays of tables, dotted and quoted keys, inline tables, items: each has its line."""
    assert EXPECTED == key_lines(TEXT)


def test_windows_newlines():
    """Lines are counted alike when they end as on Windows."""
    assert EXPECTED == key_lines(TEXT.replace("\n", "\r\n"))


def test_no_newline_at_the_end():
    """The last line may lack its end."""
    assert {("a",): 1} == key_lines("a = 1")


@pytest.mark.parametrize("text", ["a = [", "[", "a = " + "[" * 5000])
def test_not_toml(text: str):
    """For what ends too early, or goes too deep, there are no lines, and no error."""
    assert {} == key_lines(text)


VALUES = st.recursive(
    st.sampled_from(["1", '"a = 1"', "'x'", "1.5", "true", "1979-05-27", '"""\nx\n"""', "'''\n'''", '"\\" ]"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=3).map(lambda items: "[\n" + "".join(f" {item}, # x\n" for item in items) + "]")
        | st.dictionaries(st.sampled_from(["a", '"b c"', "d.e"]), inner, max_size=3).map(
            lambda table: f"{{{', '.join(f'{key} = {value}' for key, value in table.items())}}}"
        )
    ),
    max_leaves=6,
)
HEADERS = st.sampled_from(["[t]", "[[u]]", "[[u.v]]", "[t.w]", '["x y"]', "# [no]", ""])
LINES = HEADERS | st.builds("{} = {}".format, st.sampled_from(["a", '"b c"', "d.e", "f"]), VALUES)


def _paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    inner: Any = {dict: getattr(value, "items", None), list: lambda: enumerate(value)}.get(type(value))  # type: ignore[arg-type]
    for step, item in inner() if inner is not None else ():
        yield (*path, step)
        yield from _paths(item, (*path, step))


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_every_key_has_its_line(text: str):
    """In any TOML every key has a line, and the line holds its name."""
    with contextlib.suppress(tomllib.TOMLDecodeError):
        paths = set(_paths(tomllib.loads(text)))
        lines = key_lines(text)

        assert paths == set(lines)
        rows = text.split("\n")
        assert all(str(path[-1]) in rows[line - 1] for path, line in lines.items() if isinstance(path[-1], str))
