"""What the documentation shows is true: its contracts are valid, its files work, its commands print what it says.

A fenced block of README.md and docs/*.md is executed by its language:

- `toml`: a contract, which must be valid (`# pyproject.toml` and `# startup.toml` as first line name the file);
- `python` with a first line `# name.py`: a file;
- `console`: lines after `$ ` are run, in order, in a directory with all files of the page; what follows each must be in
  its output, line by line and in this order, where `...` stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_startup.contract.reader import parse

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - {ROOT / "docs" / "contract.md"})]
"""docs/contract.md shows parts of contracts, which tests/unit/contract/test_reference.py puts together."""

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^# ([\w./-]+\.(?:py|toml|ini))\n")
SECONDS = 120


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return language and text of every fenced block of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def _contracts() -> list[tuple[str, str]]:
    found = [(page, text) for page in PAGES for language, text in blocks(page) if language == "toml"]
    return [(f"{page.name}-{number}", text) for number, (page, text) in enumerate(found)]


@pytest.mark.parametrize(("text"), [text for _, text in _contracts()], ids=[name for name, _ in _contracts()])
def test_contracts_are_valid(text: str, tmp_path: Path) -> None:
    """A contract of the documentation is one that the reader takes; a peer beside it has one of two lines."""
    name = NAME.match(text)
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "startup.toml").write_text('[launch]\ntarget = "auth.main:app"\n')
    parse(text, tmp_path / "chat" / (name[1] if name else "startup.toml"))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```console" in page.read_text()], ids=lambda page: page.name
)
def test_commands_do_what_is_shown(page: Path, tmp_path: Path) -> None:
    """Every command of a page prints what the page says."""
    for language, text in blocks(page):
        if name := NAME.match(text):
            (tmp_path / name[1]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name[1]).write_text(text, encoding="utf-8")
        if language == "console":
            _console(text, tmp_path)


def _console(text: str, directory: Path) -> None:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        if command.startswith(("pip ", "python -m venv", "git ", "make ")):
            continue  # setting up is tried from a wheel in tests/wheel, and by .ci/run
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, shell=True, cwd=directory, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        _in_order(expected, done.stdout + done.stderr, command)


def _in_order(expected: str, output: str, command: str) -> None:
    """Find each expected line in what comes after the one before it."""
    rest = output
    for line in filter(None, map(str.strip, expected.splitlines())):
        if line == "...":
            continue
        pattern = r".*?".join(re.escape(piece) for piece in line.split("..."))
        found = re.search(pattern, rest)
        assert found, f"{command!r} did not print {line!r} after what came before; it printed:\n{output}"
        rest = rest[found.end() :]


def test_the_table_of_options_is_current() -> None:
    """The table in README.md is what `python -m pytest_startup.options` prints."""
    command = [sys.executable, "-m", "pytest_startup.options"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"<!-- python -m pytest_startup.options -->\n{table}\n<!-- end -->" in readme
