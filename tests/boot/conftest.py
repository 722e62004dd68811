"""Booting small applications, written into a directory of the test."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.services import Keeper, ServiceOptions, new_session_id
from pytest_startup.trace import Trace

Boots = Callable[..., tuple[Trace, Contract]]


@pytest.fixture(scope="session")
def keeper() -> Iterator[Keeper]:
    """One keeper for all boots of these tests."""
    joining = Deadline.after(30, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        yield keeper


@pytest.fixture
def boots(keeper: Keeper, tmp_path: Path) -> Boots:
    """Write `source` as app.py and `contract` as startup.toml, boot it, and return the trace and the contract."""

    def boot(source: str, contract: str = '[launch]\ntarget = "app:app"\n') -> tuple[Trace, Contract]:
        (tmp_path / "app.py").write_text(textwrap.dedent(source))
        (tmp_path / "startup.toml").write_text(textwrap.dedent(contract))
        declared = read(tmp_path / "startup.toml")
        return record(declared, keeper), declared

    return boot
