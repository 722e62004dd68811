"""Running a command in the setting of the application."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from pytest_startup.boot.boot import Boot
from pytest_startup.boot.commands import Ran, run
from pytest_startup.boot.plan import Setting
from pytest_startup.boot.recorder import Mask
from pytest_startup.clock import Deadline
from pytest_startup.errors import BootError
from pytest_startup.services import Keeper

from .conftest import Writes

SETTING = Setting({}, {"PATH": os.environ["PATH"], "WORD": "open-sesame"}, ["open-sesame"])
MASK = Mask(SETTING.secrets)
CHILD = """echo "begun with $WORD"; sh -c 'echo $$ > child; exec sleep 60' & wait"""
STEP = """
[launch]
target = "app:app"
boot_timeout = 1
before = [["sh", "-c", "echo asked; (exec sleep 60) & echo $! > child; wait"]]
"""
KILLED = """
import os, sys
from pathlib import Path
from pytest_startup.boot.commands import run
from pytest_startup.boot.plan import Setting
from pytest_startup.boot.recorder import Mask
from pytest_startup.clock import Deadline
from pytest_startup.services import Keeper, ServiceOptions, new_session_id

with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), Deadline.after(30, "the keeper")) as keeper:
    words = ["sh", "-c", "(exec setsid sleep 60) & echo $! > child.new; mv child.new child; wait"]
    run(words, Setting({}, dict(os.environ), []), Path(sys.argv[1]), 60, keeper=keeper, mask=Mask(()), lines=5)
"""


def ends(pid: int) -> bool:
    """Whether a process ends within some seconds; without a word to it."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.wait(5) is None
    except psutil.NoSuchProcess:
        return True


def test_to_its_end(keeper: Keeper, tmp_path: Path):
    """Of its output, both streams, there are the last lines, without secrets."""
    words = ["sh", "-c", "echo 1; echo 2 $WORD; pwd >&2; exit 3"]
    assert Ran(3, ("2 ***", str(tmp_path))) == run(words, SETTING, tmp_path, 5, keeper=keeper, mask=MASK, lines=2)


def test_to_its_limit(keeper: Keeper, tmp_path: Path):
    """Neither it nor a child of it is left then; what it said is kept."""
    ran = run(["sh", "-c", CHILD], SETTING, tmp_path, 0.5, keeper=keeper, mask=MASK, lines=5)
    assert Ran(None, ("begun with ***",)) == ran
    assert ends(int((tmp_path / "child").read_text()))


def test_a_step_to_its_limit(writes: Writes, keeper: Keeper, tmp_path: Path):
    """A step before the start which hangs is told with what it said, and leaves nothing behind."""
    contract = writes("app = None", STEP)
    with pytest.raises(BootError, match=r"did not end within 1 s:\nasked"), Boot(contract, keeper):
        pass
    assert ends(int((tmp_path / "child").read_text()))


def test_whoever_runs_it_is_killed(tmp_path: Path):
    """The keeper ends a command whose run has been killed, though it has left its group."""
    other = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], env={**os.environ})
    deadline = Deadline.after(30, "the command")
    while not (tmp_path / "child").exists():
        deadline.check()
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"it ended with {other.wait(0.02)}")
    other.send_signal(signal.SIGKILL)
    other.wait(10)
    assert ends(int((tmp_path / "child").read_text()))
