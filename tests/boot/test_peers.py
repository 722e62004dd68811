"""Further applications of the same system, as those who use them meet them: real processes behind real taps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from pytest_startup.boot import Boot, record
from pytest_startup.boot.fleet import Fleet
from pytest_startup.boot.peers import Peers
from pytest_startup.checks import outcomes, retrying
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.errors import BootError
from pytest_startup.events.edge import CanaryAnswered, ConnectionAttempted, TapClosed, Touched
from pytest_startup.events.process import FaultFelt, FaultPlanned, LogLine, Ready
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, ServiceFault, ServiceFaultKind, Variation

from .conftest import written

AUTH = """
    import json, os, pathlib

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            with open("boots", "a") as file:
                print(os.getpid(), file=file)
            print("operator", os.environ["KEY"], "own", os.environ["OWN"], flush=True)
            if pathlib.Path("broken").exists():
                os._exit(4)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        told = os.environ
        answer = {"pid": os.getpid(), "key": told["KEY"], "own": told["OWN"], "braces": told["BRACES"]}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
"""
AUTH_CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 10
[launch.env]
OWN = "{secret.own}"
[health]
readiness = "/ready"
"""
SHOP = """
    import asyncio, json, os

    HOST, PORT = os.environ["AUTH"].removeprefix("http://").split(":")

    async def ask():
        reader, writer = await asyncio.wait_for(asyncio.open_connection(HOST, int(PORT)), 1)
        try:
            writer.write(b"GET / HTTP/1.1\\r\\nHost: auth\\r\\nConnection: close\\r\\n\\r\\n")
            answer = await asyncio.wait_for(reader.read(), 1)
        finally:
            writer.close()
        return json.loads(answer.partition(b"\\r\\n\\r\\n")[2].split(b"\\r\\n")[1])

    async def wait():
        pause = float(os.environ["PAUSE"])
        deadline = asyncio.get_running_loop().time() + 3
        while True:
            try:
                return await ask()
            except (OSError, ValueError, IndexError, RuntimeError):
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(pause)
            pause *= float(os.environ["FACTOR"])

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            told = await wait()
            print("pid", told["pid"], "same key", told["key"] == os.environ["KEY"], flush=True)
            print("secrets:", told["key"], told["own"], told["braces"], flush=True)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        try:
            await ask() if scope["path"] == "/ready" else None
            status = 200
        except Exception:
            status = 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""
SHOP_CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 3
[launch.env]
AUTH = "{auth.url}"
KEY = "{secret.operator}"
PAUSE = "0.05"
FACTOR = "2"
[services.auth]
kind = "app"
contract = "../auth/startup.toml"
env = { KEY = "{secret.operator}", BRACES = "{{port}}" }
canary = "app:ask()"
backoff = true
outcome = { absent = "exit", hangs = "exit", late = "tolerated", dies = "not-ready", returns = "tolerated" }
[health]
liveness = "/live"
readiness = "/ready"
"""
FRONT = """
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""
FRONT_CONTRACT = """
[launch]
target = "app:app"
[services.auth]
kind = "app"
contract = "../auth/startup.toml"
"""
COMMAND = 'command = ["{python}", "-m", "uvicorn", "app:app", "--port", "{port}", "--lifespan", "on"]'


def installed(directory: Path, shop: str = SHOP_CONTRACT, auth: str = AUTH_CONTRACT, source: str = AUTH) -> Contract:
    """Write both applications and return the contract of the one which uses the other."""
    for name in ("auth", "shop"):
        (directory / name).mkdir()
    written(directory / "auth", source, auth)
    return written(directory / "shop", SHOP, shop)


def starts(contract: Contract) -> list[int]:
    """Return the pids of all starts of the peer so far."""
    file = contract.root.parent / "auth" / "boots"
    return list(map(int, file.read_text().split())) if file.exists() else []


def log(trace: Trace) -> str:
    """Return everything that the application printed."""
    return "\n".join(line.text for line in trace.all(LogLine))


def pid_of_peer(trace: Trace) -> int:
    """Return the pid of the peer as its user saw it."""
    found = re.search(r"pid (\d+)", log(trace))
    assert found is not None, log(trace)
    return int(found[1])


def soon_gone(pid: int) -> bool:
    """Return whether a process ends within some seconds."""
    deadline, pause = Deadline.after(10, "the end"), threading.Event()
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and not deadline.expired:
        pause.wait(0.01)
    return not deadline.expired


# -- who shares it -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of an application with a healthy peer."""
    return installed(tmp_path_factory.mktemp("system"))


def test_a_peer_of_one_boot(contract: Contract, keeper: Keeper) -> None:
    """Alone, a boot has a peer of its own: awaited until it is ready, found at its tap, ended with the boot."""
    trace = record(contract, keeper)
    pid, tap = pid_of_peer(trace), trace.first(TapClosed, service="auth")
    assert pid == starts(contract)[-1]
    assert trace.first(Ready) is not None
    assert trace.first(Touched, service="auth") is not None
    assert tap is not None
    assert min(tap.connections, tap.sent, tap.received) > 0
    canary = trace.first(CanaryAnswered, service="auth")
    assert canary is not None
    assert (True, True) == (canary.works, canary.crossed > 0)
    assert soon_gone(pid)


def test_a_peer_of_many_boots(contract: Contract, keeper: Keeper) -> None:
    """Boots at the same time and one after the other share one peer, and the secrets that it is told."""
    before = starts(contract)
    with Peers.of(contract, keeper) as peers:
        with ThreadPoolExecutor(3) as pool:
            boots = [pool.submit(record, contract, keeper, PLAIN, None, peers) for _ in range(3)]
            traces = [*(boot.result() for boot in boots), record(contract, keeper, peers=peers)]
        pids = {pid_of_peer(trace) for trace in traces}
        assert pids == set(starts(contract)) - set(before)
        assert [True] * 4 == ["same key True" in log(trace) for trace in traces]
    assert all(map(soon_gone, pids))
    assert 1 == len(pids)


def test_a_peer_that_is_disturbed(contract: Contract, keeper: Keeper) -> None:
    """A boot which disturbs its peers has its own, with secrets of their own; the others go on with theirs."""
    journey = Variation(exercise=Exercise("journey", "keys"))
    with Peers.of(contract, keeper) as peers:
        shared = pid_of_peer(record(contract, keeper, peers=peers))
        own = record(contract, keeper, journey, peers=peers)
        assert "same key True" in log(own)
        assert shared != pid_of_peer(own)
        assert soon_gone(pid_of_peer(own))
        assert shared == pid_of_peer(record(contract, keeper, peers=peers))


def test_secrets_of_a_peer(contract: Contract, keeper: Keeper) -> None:
    """What the peer is told, and what it keeps to itself, is masked in the trace of whoever uses it."""
    assert "secrets: *** *** {port}" in log(record(contract, keeper))


def test_a_fleet_shares_its_peers(contract: Contract, keeper: Keeper) -> None:
    """All boots of a fleet have the same peer, which ends with it."""
    before = len(starts(contract))
    with Fleet.of(contract, keeper) as fleet:
        late, slow = _with("late", 0.1), _with("slow", 0.05)
        fleet.begin([late, slow])
        pids = {pid_of_peer(fleet.trace(variation)) for variation in (late, slow)}
    assert (1, before + 1) == (len(pids), len(starts(contract)))
    assert all(map(soon_gone, pids))


def test_a_peer_of_a_peer(tmp_path: Path, keeper: Keeper) -> None:
    """A peer may have services and peers of its own; all of them are there before it is, and end with it."""
    inner = installed(tmp_path, shop=SHOP_CONTRACT + "[services.redis]\n")
    outer = tmp_path / "outer"
    outer.mkdir()
    front = FRONT_CONTRACT.replace("auth", "shop")
    assert record(written(outer, FRONT, front), keeper).first(Ready) is not None
    (pid,) = starts(inner)
    assert soon_gone(pid)


def test_a_peer_that_is_up_already(tmp_path: Path, keeper: Keeper) -> None:
    """A peer which somebody else has started is used where it is, behind a tap, and left alone."""
    own = AUTH_CONTRACT.replace("[health]", 'KEY = "k"\nBRACES = "b"\n[health]')
    contract = installed(tmp_path, auth=own)
    assert contract.source is not None
    file = tmp_path / "auth" / "startup.toml"
    with Boot(read(file), keeper) as auth:
        assert auth.until_ready()
        file.write_text(f'launch = {{ url = "http://127.0.0.1:{auth.port}" }}\n')
        trace = record(read(contract.source), keeper)
        assert (True, starts(contract)) == (trace.first(Ready) is not None, [pid_of_peer(trace)])
        assert psutil.pid_exists(pid_of_peer(trace))


# -- what can go wrong with it -------------------------------------------------------------------------------------

SECONDS: dict[ServiceFaultKind, float] = {"late": 0.4, "slow": 0.1, "dies": 1.0, "returns": 0.3}
KINDS: tuple[ServiceFaultKind, ...] = ("absent", "silent", "late", "slow", "resets", "cut", "dies", "returns")


def _with(kind: ServiceFaultKind, seconds: float = 0.0) -> Variation:
    return Variation(faults=(ServiceFault("auth", kind, seconds),))


@pytest.fixture(scope="module")
def traces(contract: Contract, keeper: Keeper) -> Iterator[Callable[[ServiceFaultKind], Trace]]:
    """Boot it with every fault of its peer, several at a time."""
    with Fleet.of(contract, keeper) as fleet:
        variations = {kind: _with(kind, SECONDS.get(kind, 0.0)) for kind in KINDS}
        fleet.begin(variations.values())
        yield lambda kind: fleet.trace(variations[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_faults_of_a_peer(
    traces: Callable[[ServiceFaultKind], Trace], contract: Contract, kind: ServiceFaultKind
) -> None:
    """Every fault of a service can be one of a peer: it is felt, and the application does what its contract says."""
    trace = traces(kind)
    assert [(kind, "auth")] == [(event.fault, event.subject) for event in trace.all(FaultFelt)]
    assert [] == outcomes.is_declared(trace, contract, "auth"), log(trace)


def test_wrong_credentials_of_a_peer(contract: Contract, keeper: Keeper) -> None:
    """A peer is shown no password of which we would know: planned, never felt."""
    trace = record(contract, keeper, _with("wrong-credentials"))
    assert ([], 1) == (trace.all(FaultFelt), len(trace.all(FaultPlanned)))
    assert isinstance(outcomes.is_declared(trace, contract, "auth"), NotCovered)


# -- how it is waited for ------------------------------------------------------------------------------------------

PACES = {
    "grows": ("0.05", "2", []),
    "stays": ("0.3", "1", ["they stay as they are"]),
    "no pause": ("0", "1", ["a storm, which keeps auth from coming up"]),
}


@pytest.mark.parametrize("launch", ['target = "app:app"', COMMAND], ids=["target", "command"])
@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_attempts_are_seen(tmp_path: Path, keeper: Keeper, pace: tuple[str, str, list[str]], launch: str) -> None:
    """Each attempt to connect is seen, with an agent and without one: the pace of a retry can be judged."""
    pause, factor, expected = pace
    text = SHOP_CONTRACT.replace('target = "app:app"', launch).replace('"0.05"', f'"{pause}"')
    contract = installed(tmp_path, text.replace('FACTOR = "2"', f'FACTOR = "{factor}"'))
    trace = record(contract, keeper, _with("late", 1.4))
    found = retrying.is_patient(trace, contract, "auth")
    attempts = [event.at for event in trace.all(ConnectionAttempted, service="auth")]
    assert not isinstance(found, NotCovered), found
    assert len(expected) == len(found), attempts
    assert all(text in finding.observed for text, finding in zip(expected, found, strict=True))


# -- it does not start ---------------------------------------------------------------------------------------------


def test_a_peer_that_fails(tmp_path: Path, keeper: Keeper) -> None:
    """A peer that does not start is an error which shows its log and how to look at it; it is tried once."""
    contract = installed(tmp_path)
    (tmp_path / "auth" / "broken").touch()
    with Peers.of(contract, keeper) as peers:
        for _ in range(2):
            with pytest.raises(BootError) as caught:
                record(contract, keeper, peers=peers)
            said = str(caught.value)
            assert said.startswith(
                "services.auth: it does not become ready (it ended with code 4); its log ends with:\n"
            )
            assert "operator *** own ***" in said
            assert said.endswith(f"pytest -m smoke --startup-contract {tmp_path / 'auth' / 'startup.toml'}")
    assert 1 == len(starts(contract))


WRONG = {
    "never ready": (AUTH_CONTRACT.replace("= 10", "= 1").replace('"/ready"', '{ path = "/", status = 204 }'), AUTH,
                    "after 1 s it still waited for / to answer 204 \\(last: 200\\)"),
    "no module": (AUTH_CONTRACT, "import nowhere", "app:app: ModuleNotFoundError: No module named 'nowhere'"),
    "a step fails": (AUTH_CONTRACT.replace("boot_timeout", 'before = [["{python}", "-c", "0/0"]]\nboot_timeout'), AUTH,
                     "services.auth: launch.before: .*ZeroDivisionError"),
}  # fmt: skip


@pytest.mark.parametrize(("auth", "source", "reason"), WRONG.values(), ids=WRONG)
def test_why_a_peer_fails(tmp_path: Path, keeper: Keeper, auth: str, source: str, reason: str) -> None:
    """The error says what became of the peer."""
    with pytest.raises(BootError, match=f"(?s){reason}"):
        record(installed(tmp_path, auth=auth, source=source), keeper)


def test_a_peer_that_ends(contract: Contract, keeper: Keeper) -> None:
    """A peer which ended by itself is told to the next who wants it."""
    with Peers.of(contract, keeper) as peers:
        pid = pid_of_peer(record(contract, keeper, peers=peers))
        os.kill(pid, signal.SIGKILL)
        assert soon_gone(pid)
        with pytest.raises(BootError, match=r"services.auth: it has ended by itself \(it ended with code -9\)"):
            asked_until_it_fails(peers)


def asked_until_it_fails(peers: Peers) -> None:
    """Ask for the peer until it is known that it has ended; return when that takes too long."""
    deadline, pause = Deadline.after(10, "its end to be seen"), threading.Event()
    while not deadline.expired:
        peers.have("auth")
        pause.wait(0.01)


HANGS = AUTH.replace("if pathlib.", "import asyncio; await asyncio.sleep(3600)\n            if pathlib.")


def test_a_start_that_is_given_up(tmp_path: Path, keeper: Keeper) -> None:
    """Who waits for a peer that is still starting hears of it when all is ended."""
    contract = installed(tmp_path, source=HANGS, auth=AUTH_CONTRACT.replace("= 10", "= 60"))
    with Peers.of(contract, keeper) as peers, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(peers.have, "auth")
        peers.begin()
        peers.close()
        with pytest.raises(BootError, match=r"services.auth: (it does not become ready|the run is over)"):
            waiting.result(20)


# -- nothing of it is left -----------------------------------------------------------------------------------------

RUN = """
import os, sys
from pathlib import Path
from pytest_startup.boot.peers import Peers
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import read
from pytest_startup.services import Keeper, ServiceOptions, new_session_id

contract = read(Path(sys.argv[1]))
keeper = Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), Deadline.after(30, "the keeper"))
Peers(contract, keeper).have("auth")
print("up", flush=True)
sys.stdin.read()
"""


def test_a_run_that_is_killed(tmp_path: Path) -> None:
    """A peer ends with its run, even when that is killed."""
    contract = installed(tmp_path)
    command = [sys.executable, "-c", RUN, str(contract.source)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert b"up\n" == run.stdout.readline()
        (pid,) = starts(contract)
        assert psutil.pid_exists(pid)
        run.kill()
    assert soon_gone(pid)


def test_contract_is_read(contract: Contract) -> None:
    """The contract of the peer is a part of ours."""
    assert contract.service("auth").peer == read(contract.root.parent / "auth" / "startup.toml")
