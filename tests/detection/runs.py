"""One row of the table as a real run: the shipped suite, in a process of its own, against one fault."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from .forked import run
from .narrowed import NEEDS_PEER, narrow, without_peer

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "agent_chat"
FAULTS = ROOT / "tests" / "faults"
RUN_SECONDS = 150.0
BOOT_SECONDS = 24.0
"""More than any healthy boot takes on a machine that is busy with other rows."""

STOP_SECONDS = 2.0
GONE_SECONDS = 1.5
"""What a connection leaves behind for longer than this, it leaves for ever: two dozen rows wait for it eight times."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run said: every test that did not pass, with its first line, and the reasons of what was not covered."""

    failed: Mapping[str, str]
    not_covered: Mapping[str, str]
    passed: Collection[str]
    output: str


# -- the contract of a row -----------------------------------------------------------------------------------------


def contract(fault: str, changes: Mapping[str, object], tests: Collection[str] = ()) -> str:
    """Return the example's contract as TOML, with the fault in the place of the example, and its `changes`.

    With `tests`, it says only what these are about; and the peer is in it only where it is spoken of.
    """
    document = tomllib.loads((EXAMPLE / "startup.toml").read_text(encoding="utf-8"))
    document["launch"] |= {
        "target": f"faults.{fault}:app",
        "directory": str(EXAMPLE),
        "import_path": [str(EXAMPLE), str(FAULTS.parent)],
        "boot_timeout": BOOT_SECONDS,
        "stop_timeout": STOP_SECONDS,
    }
    if document["chat"].get("asyncapi"):
        document["chat"]["asyncapi"] = str(EXAMPLE / document["chat"]["asyncapi"])
    document["services"]["auth"]["contract"] = str(EXAMPLE.parent / "auth" / "startup.toml")
    document["websocket"]["gone_within"] = GONE_SECONDS
    document["budgets"] = {"smoke": RUN_SECONDS}
    _change(document, changes)
    if tests:
        narrow(document, tests)
    if not NEEDS_PEER.search(json.dumps([fault, *tests, changes])):
        without_peer(document)
    return "\n".join(f"{key} = {_toml(value)}" for key, value in document.items())


def _change(table: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put the changes into a table: None takes a key out, and in an array of tables the keys are names."""
    for key, value in changes.items():
        old = table.get(key)
        if value is None:
            del table[key]
        elif isinstance(value, dict) and isinstance(old, dict):
            _change(old, value)
        elif isinstance(value, dict) and isinstance(old, list):
            for each in old:
                _change(each, value.get(each["name"], {}))
        else:
            table[key] = value


def _toml(value: object) -> str:
    """Write a value of TOML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("{faults}", str(FAULTS))


# -- the run -------------------------------------------------------------------------------------------------------


SERVICES = '''
import pytest

from pytest_startup.services import Keeper, ServiceOptions
from pytest_startup.shared_boot import services


@pytest.fixture(scope="session")
def startup_keeper():
    """The services of the whole table."""
    with services("{session}", {owner}, ServiceOptions()) as keeper:
        yield keeper
'''
"""The conftest.py of a run, which has services out of a session that goes on after it."""


def judge(directory: Path, toml: str, options: Sequence[str], session: str, more: str = "") -> Result:
    """Run the shipped suites with these options in `directory`, with this contract, and return what was said.

    The services are those of `session`; `more` is added to the conftest.py of the run.
    """
    (directory / "contract.toml").write_text(toml, encoding="utf-8")
    conftest = SERVICES.format(session=session, owner=os.getpid()) + more
    (directory / "conftest.py").write_text(conftest, encoding="utf-8")
    arguments = ["-p", "no:cacheprovider", "-p", "pytest_startup.plugin", "--startup-contract", "contract.toml"]
    code, said = run([*arguments, "--junitxml", "report.xml", *options], directory, _environment(), RUN_SECONDS)
    report = directory / "report.xml"
    if code not in {0, 1} or not report.is_file():
        msg = f"pytest ended with {code}:\n{said}"
        raise AssertionError(msg)
    return _result(ET.parse(report), said)


def _environment() -> dict[str, str]:
    """Return our environment without what this run of pytest has put there, and with no other plugin than ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _result(report: ET.ElementTree, output: str) -> Result:
    failed, not_covered, passed = {}, {}, set()
    for case in report.iter("testcase"):
        name = case.get("name", "")
        wrong = next((found for found in (case.find("failure"), case.find("error")) if found is not None), None)
        skipped = case.find("skipped")
        if wrong is not None:
            failed[name] = _observed(wrong.text or wrong.get("message", ""))
        elif skipped is not None:
            not_covered[name] = skipped.get("message", "")
        else:
            passed.add(name)
    return Result(failed, not_covered, passed, output)


def _observed(text: str) -> str:
    """Return the line that says what was observed; of any other failure, the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("observed")), lines[0] if lines else "")


# -- the comparison ------------------------------------------------------------------------------------------------


def difference(expected: Collection[str], result: Result) -> str:
    """Return in words what a run said differently from its row; empty when it said the same."""
    missing = [f"  missing     {name}: {_instead(name, result)}" for name in sorted(set(expected) - set(result.failed))]
    unexpected = [f"  unexpected  {name}: {line}" for name, line in result.failed.items() if name not in expected]
    return "\n".join([*missing, *unexpected])


def _instead(name: str, result: Result) -> str:
    if name in result.not_covered:
        return result.not_covered[name]
    return "it passed" if name in result.passed else "there is no such test"
