"""Booting small applications, written into a directory of the test."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.services import Keeper, ServiceOptions, new_session_id
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Variation

Writes = Callable[..., Contract]
Boots = Callable[..., Trace]


@pytest.fixture(scope="session")
def keeper() -> Iterator[Keeper]:
    """One keeper for all boots of these tests."""
    joining = Deadline.after(30, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        yield keeper


def written(directory: Path, source: str, contract: str = '[launch]\ntarget = "app:app"\n') -> Contract:
    """Write `source` as app.py and `contract` as startup.toml, and return the contract."""
    (directory / "app.py").write_text(textwrap.dedent(source))
    (directory / "startup.toml").write_text(textwrap.dedent(contract))
    return read(directory / "startup.toml")


@pytest.fixture
def writes(tmp_path: Path) -> Writes:
    """Write an application into the directory of the test."""
    return partial(written, tmp_path)


@pytest.fixture
def boots(keeper: Keeper) -> Boots:
    """Boot once and return the trace."""

    def boot(contract: Contract, variation: Variation = PLAIN) -> Trace:
        return record(contract, keeper, variation)

    return boot
