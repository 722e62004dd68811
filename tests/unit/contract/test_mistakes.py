"""Every mistake of a contract and its exact words: the table is `mistakes.txt`, beside this file.

A row is `=== title`, a contract, `---`, and what is said of it; `[schema]` behind the title: editors see it too.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from pytest_startup.contract.mistakes import ContractError, Mistake
from pytest_startup.contract.reader import parse
from pytest_startup.contract.schema import schema

TABLE = Path(__file__).with_name("mistakes.txt").read_text("utf-8")
ROW = re.compile(r"^=== (.*?)( \[schema\])?\n(.*?)^---\n(.*?)\n*(?=^===|\Z)", re.MULTILINE | re.DOTALL)
ROWS = [pytest.param(toml, said.splitlines(), bool(seen), id=title) for title, seen, toml, said in ROW.findall(TABLE)]

TITLES = [row.id for row in ROWS]


@pytest.fixture(scope="module")
def editor() -> jsonschema.Draft202012Validator:
    """Return what an editor does with the schema."""
    return jsonschema.Draft202012Validator(schema())


def test_table():
    """Each row of the table is read, and has a title of its own."""
    assert TABLE.count("\n=== ") + 1 == len(TITLES) == len(set(TITLES))


@pytest.mark.parametrize(("toml", "said", "_seen"), ROWS)
def test_mistake(toml: str, said: list[str], _seen: bool):  # noqa: FBT001
    """Each mistake is told with its line, key, value, what is allowed and the fix; all of them at once."""
    with pytest.raises(ContractError) as caught:
        parse(toml, Path("startup.toml"))

    assert said == [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(("toml", "_said", "seen"), ROWS)
def test_schema_sees(editor: jsonschema.Draft202012Validator, toml: str, _said: list[str], seen: bool):  # noqa: FBT001
    """The schema refuses what a table can know alone."""
    assert seen is not editor.is_valid(tomllib.loads(toml))


@pytest.mark.parametrize(
    ("mistake", "expected"),
    [
        (Mistake(source="a.toml", line=3, key="k", value="1", problem="is odd", nearest="2", fix="add 1"),
         "a.toml:3: k = 1: is odd (nearest: 2); add 1"),
        (Mistake(source="", line=3, key="k", problem="is odd"), "line 3: k: is odd"),
        (Mistake(source="a.toml", line=None, key="k", problem="is odd"), "a.toml: k: is odd"),
        (Mistake(source="", line=None, key="", problem="is odd", fix="add 1"), "is odd; add 1"),
    ],
)  # fmt: skip
def test_sentence(mistake: Mistake, expected: str):
    """A mistake is one line, without the parts that are not known."""
    assert expected == str(mistake)


def test_no_line_of_its_own():
    """Mistakes in what is missing come last, when nothing around it has a line."""
    with pytest.raises(ContractError) as caught:
        parse("[budgets]\nsmoke = 0\n")

    assert [2, None] == [mistake.line for mistake in caught.value.mistakes]


def test_secrets_stay_secret():
    """The value of a variable of the application is not in a mistake about it."""
    with pytest.raises(ContractError) as caught:
        parse('launch = { target = "a:b", env = { A = "hunter2 {", B = "hunter2 {port:x}", C = "hunter2 {x.y}" } }')

    assert 3 == len(caught.value.mistakes)
    assert "hunter2" not in str(caught.value)
