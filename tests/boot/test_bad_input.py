"""Applications that cannot start: one clear finding each, in the time it should take, nothing left running."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from pytest_startup.boot import record
from pytest_startup.checks.started import becomes_ready
from pytest_startup.clock import now
from pytest_startup.contract.reader import parse
from pytest_startup.errors import BootError
from pytest_startup.events.process import LeftBehind, OutputDropped, Ready, Spawned
from pytest_startup.services import Keeper

from .conftest import Boots, Writes

SERVING = """
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": message["type"] + ".complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})
"""
TARGET = '[launch]\ntarget = "app:app"\n'
QUICK = TARGET + "boot_timeout = 1.5\nstop_timeout = 0.5\n"

CANNOT_START = {
    "no such module": (
        "",
        '[launch]\ntarget = "nowhere:app"\n',
        "importing nowhere:app failed: ModuleNotFoundError",
        5,
    ),
    "no such attribute": ("x = 1", TARGET, "the module of app:app has no such attribute", 5),
    "syntax error": ("def app(:", TARGET, "importing app:app failed: SyntaxError", 5),
    "import raises": ("1 / 0", TARGET, "importing app:app failed: ZeroDivisionError: division by zero", 5),
    "exits 0 at import": ("raise SystemExit(0)", TARGET, "importing app:app failed: SystemExit: 0", 5),
    "exits 0 without a word": ("import os; os._exit(0)", TARGET, "ended by itself with code 0, before it was ready", 5),
    "factory raises": (
        "def make(): raise RuntimeError('no settings')",
        '[launch]\nfactory = "app:make"\n',
        "calling the factory app:make failed: RuntimeError: no settings",
        5,
    ),
    "startup raises": (
        """
        async def app(scope, receive, send):
            await receive()
            raise ConnectionError("database is away")
        """,
        TARGET,
        "startup raised: ConnectionError: database is away",
        5,
    ),
    "startup says failed": (
        """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})
        """,
        TARGET,
        "startup failed: no database",
        5,
    ),
    "no lifespan": (
        """
        async def app(scope, receive, send):
            assert scope["type"] == "http", "only http here"
        """,
        TARGET,
        'does not speak the lifespan protocol: AssertionError: only http here (on purpose: launch.lifespan = "off")',
        5,
    ),
    "never ready": (
        """
        import asyncio
        async def connect_to_the_moon(): await asyncio.sleep(60)
        async def app(scope, receive, send): await connect_to_the_moon()
        """,
        QUICK,
        "in connect_to_the_moon",
        6,
    ),
    "hangs at import": ("import time\ntime.sleep(60)", QUICK, "time.sleep(60)", 6),
    "ignores SIGTERM": (
        """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
        """,
        QUICK,
        "not ready after 1.5 s",
        6,
    ),
    "no such command": ("", '[launch]\ncommand = "no-such-server {port}"\n', "ended by itself with code 127", 5),
}


@pytest.mark.parametrize("case", CANNOT_START.values(), ids=CANNOT_START)
def test_one_clear_finding(writes: Writes, boots: Boots, case: tuple[str, str, str, float]) -> None:
    """An application that cannot start says why, in its time, and leaves no process."""
    source, contract, says, seconds = case
    began = now()
    declared = writes(source, contract)
    trace = boots(declared)
    findings = becomes_ready(trace, declared, "")
    assert isinstance(findings, list)
    assert [says in finding.observed for finding in findings] == [True], findings
    assert "boot/agent.py" not in findings[0].observed
    assert now() - began < seconds
    spawned = trace.first(Spawned)
    assert spawned is not None
    assert not _alive(spawned.pid)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet has ended all the same."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_healthy_one_passes(writes: Writes, boots: Boots) -> None:
    """The same harness finds nothing in an application that starts."""
    declared = writes(SERVING)
    trace = boots(declared)
    assert becomes_ready(trace, declared, "") == []


def test_one_that_forks_is_ended_whole(writes: Writes, boots: Boots) -> None:
    """A daemon that left its process group is found by its tag, reported, and ended."""
    forks = """
        import os, sys, time
        if os.fork():
            os._exit(0)
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(60)
    """
    declared = writes(forks)
    trace = boots(declared)
    left = trace.all(LeftBehind, what="process")
    assert len(left) == 1
    assert not _alive(int(left[0].detail.split()[1].rstrip(":")))
    assert becomes_ready(trace, declared, "")


def test_a_hundred_megabytes_of_output(writes: Writes, boots: Boots) -> None:
    """Output without end neither blocks the application nor fills our memory; its end is kept."""
    prints = """
        import sys
        for _ in range(1000):
            sys.stdout.write("x" * 99_999 + "\\n")
        print("the last line")
    """
    began = now()
    trace = boots(writes(textwrap.dedent(prints) + textwrap.dedent(SERVING)))
    assert trace.first(Ready) is not None
    assert now() - began < 15
    assert 90_000_000 < sum(event.bytes for event in trace.all(OutputDropped)) < 100_000_000
    assert any("the last line" in str(event) for event in trace.events)


def test_a_taken_port_is_said_before_anything_starts(writes: Writes, boots: Boots) -> None:
    """A port that somebody else listens on is an error with the way out, and nothing is spawned."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BootError, match=f"port {port} of 127.0.0.1 is taken"):
            boots(writes(SERVING, TARGET + f"port = {port}\n"))


def test_an_interpreter_that_is_not_there(writes: Writes, boots: Boots) -> None:
    """An interpreter that does not exist is one error, which names the key of the contract."""
    with pytest.raises(BootError, match=r"No such file.*launch\.interpreter"):
        boots(writes(SERVING, TARGET + 'interpreter = "no/python"\n'))


def test_a_step_that_fails(writes: Writes, boots: Boots) -> None:
    """A step before the boot that fails is told with the end of its output."""
    step = 'before = [["{python}", "-c", "raise SystemExit(\'no schema\')"]]\n'
    with pytest.raises(BootError, match=r"(?s)launch.before.*ended with 1.*no schema"):
        boots(writes(SERVING, TARGET + step))


def test_a_url_that_is_up(keeper: Keeper, tmp_path: Path) -> None:
    """An application that is already up is watched and judged, and still up afterwards."""
    (tmp_path / "app.py").write_text(textwrap.dedent(SERVING))
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            declared = parse(f'[launch]\nurl = "http://127.0.0.1:{port}"\n', None)
            trace = record(declared, keeper)
            assert becomes_ready(trace, declared, "") == []
            assert server.poll() is None
        finally:
            server.terminate()
