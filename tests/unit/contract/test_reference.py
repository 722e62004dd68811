"""The reference page of the contract."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.reader import parse
from pytest_startup.contract.reference import TABLES, keys, main, renewed

PAGE = Path(__file__).parents[3] / "docs" / "contract.md"
TEXT = PAGE.read_text("utf-8")
WRONG = """
[launch]
lifespan = "onn"
target = "main:app"
env.DATABASE_URL = "{postgers.url}"
[services.postgres]
"""


def test_is_current():
    """The tables of the page are those of the code: `python -m pytest_startup.contract.reference docs/contract.md`."""
    assert renewed(TEXT) == TEXT


def test_is_complete():
    """Every table of a contract is on the page, once."""
    assert sorted([*TABLES, "replies"]) == sorted(re.findall(r"<!-- keys: (\w+) -->", TEXT))


def test_snippets(tmp_path: Path):
    """All snippets of the page make one good contract, in their order."""
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "startup.toml").write_text('launch = { target = "auth:app" }')
    snippets = "\n".join(re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
    contract = parse(snippets, tmp_path / "chat" / "startup.toml")

    assert ["dependencies", "database", "cache", "services", "finalize"] == [phase.name for phase in contract.phases]
    assert ["postgres", "redis", "llm", "auth", "clickhouse"] == [service.name for service in contract.services]


def test_shown_mistakes():
    """The mistakes which the page shows are said so."""
    with pytest.raises(ContractError) as caught:
        parse(WRONG, Path("startup.toml"))

    assert str(caught.value) in TEXT


@pytest.mark.parametrize(
    "row",
    [
        '| `target` | "package.module:name" | *exactly one* | The ASGI application, `package.module:attribute`. |',
        '| `directory` | a path | `"."` | The working directory, relative to the file. |',
        '| `host` | a text, not empty | `"127.0.0.1"` | The address to listen on. |',
    ],
)
def test_rows(row: str):
    """A row says the key, what it must be, its default, and what it means."""
    assert row in keys("launch").splitlines()


def test_kinds_of_default():
    """A key is required, has a default, goes with another one, or is just not there."""
    cells = {line.split(" | ")[0]: line.split(" | ")[2] for line in keys("phases").splitlines()[2:]}

    assert "*required*" == cells["| `name`"]
    assert "`[]`" == cells["| `after`"]
    assert "with `state`" == cells["| `value`"]
    assert "" == cells["| `max_seconds`"]


def test_main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The module renews the pages that are named."""
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- keys: budgets -->\nold\n<!-- end -->\nb\n")
    monkeypatch.setattr("sys.argv", ["reference", str(page)])
    main()

    assert f"a\n<!-- keys: budgets -->\n{keys('budgets')}<!-- end -->\nb\n" == page.read_text()


def test_unknown_table():
    """A page which names a table that does not exist is an error."""
    with pytest.raises(KeyError, match="nonsense"):
        renewed("<!-- keys: nonsense -->\n<!-- end -->")
