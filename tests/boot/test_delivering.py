"""Deliveries to small applications which lose, delay and refuse what they are given."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.checks import deliveries, journeys, traffic
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.events.process import LogLine
from pytest_startup.events.used import AbsentAddressed, DeliveryTried
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes, written

USE = Variation(exercise=Exercise("use"))

APPLICATION = """
    import asyncio, json, sys

    users, sockets, hung = [], {}, []

    async def send(user, text):
        for to in sockets.get(user, ()):
            await to({"type": "websocket.send", "text": text})

    async def send_and_work(user, text):
        await send(user, text)
        await asyncio.sleep(1.2)

    async def work_and_send(user, text):
        await asyncio.sleep(0.8)
        await send(user, text)

    async def hang_once(user, text):
        if not hung:
            hung.append(user)
            await asyncio.sleep(3600)
        await send(user, text)

    async def tell_late(user, text):
        await send(user, text)
        if user not in sockets and not user.startswith("quiet-"):
            asyncio.get_running_loop().call_later(0.25, lambda: print("LOST", flush=True))

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            if scope["path"] == "/refused":
                return await send({"type": "websocket.close", "code": 1008})
            print("asked for", scope["query_string"].decode(), flush=True)
            user = scope["query_string"].decode().partition("=")[2].partition("&")[0]
            sockets.setdefault(user, []).append(send)
            while (said := await receive())["type"] != "websocket.disconnect":
                print("heard", said["text"], flush=True)
        else:
            users.append(scope["path"])
            body = json.dumps({"id": "user-%d" % len(users)}).encode()
            status = 500 if scope["path"] == "/broken" else 200
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
[traffic]
requests = ["/a"]
first_requests = 5
[health]
readiness = false
[[journeys]]
name = "log-in"
steps = [{ post = "/login", capture = { id = "id" } }]
"""

DELIVERY = """
[[deliveries]]
name = "{name}"
journey = "log-in"
socket = {{ path = "{path}?user={{id}}", query = {{ token = "to/ken of {{id}}" }}{first} }}
put = "app:{call}('{{recipient}}', '{{nonce}}')"
recipient = "{{id}}"
max_seconds = 0.5
"""

NAMES = {
    "works": "send_and_work",
    "late": "work_and_send",
    "hangs": "hang_once",
    "refused": "send",
    "slow": "tell_late",
}
SYNTHETIC = 'synthetic = ["noisy-*", "quiet-*"]\nundeliverable = "LOST"\n'


def _deliveries() -> str:
    paths = {"refused": "/refused"}
    first = {"works": """, first = [{ pin_token = '"quoted"' }]"""}
    made = [
        DELIVERY.format(name=name, call=call, path=paths.get(name, "/ws"), first=first.get(name, ""))
        for name, call in NAMES.items()
    ]
    return "".join(made) + SYNTHETIC


@pytest.fixture(scope="module")
def used(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Contract]:
    """Use the application; give the trace and the contract."""
    directory: Path = tmp_path_factory.mktemp("delivering")
    trace = record(written(directory, APPLICATION, CONTRACT + _deliveries()), keeper, USE)
    return trace, read(directory / "startup.toml")


def observed(used: tuple[Trace, Contract], delivery: str) -> list[str]:
    """Return what was found about a delivery."""
    verdict = deliveries.arrives(*used, delivery)
    assert not isinstance(verdict, NotCovered)
    return [finding.observed for finding in verdict]


def test_a_call_that_goes_on(used: tuple[Trace, Contract]):
    """An event that arrives at once is in time, however long the call that sent it goes on."""
    assert observed(used, "works") == []
    assert all(each.seconds < 0.4 for each in used[0].all(DeliveryTried, delivery="works"))


def test_secrets_of_sockets(used: tuple[Trace, Contract]):
    """What is a secret by its name is masked, in a query and in a frame: in whichever form the application logs it."""
    lines = {each.text for each in used[0].all(LogLine)}
    asked = [each for each in lines if each.startswith("asked for user=user-")]
    assert asked
    assert all(each.endswith("&token=***") for each in asked)
    assert 'heard {"pin_token": "***"}' in lines


def test_late(used: tuple[Trace, Contract]):
    """An event that comes at the end of a call which takes too long is late, not lost."""
    found = observed(used, "late")
    assert len(found) == 2
    assert all(each.startswith("it came after ") for each in found)


def test_a_call_that_hangs(used: tuple[Trace, Contract]):
    """A call that does not return within its limit is found to do so; the next one is as good as ever."""
    assert observed(used, "hangs") == ["the call did not return within 5 s"]


def test_a_socket_that_is_closed(used: tuple[Trace, Contract]):
    """Who is accepted and then turned away is told by which code."""
    assert observed(used, "refused") == ["its socket was closed 1008"] * 2


def test_late_lines_belong_to_whom_they_tell_of(used: tuple[Trace, Contract]):
    """A line that takes its time is waited for, as long as that of a real recipient took, and blamed on nobody else."""
    assert [each.pattern for each in used[0].all(AbsentAddressed)] == ["", "noisy-*", "quiet-*"]
    assert deliveries.tells_losses(*used, "slow") == []
    (finding,) = deliveries.passes_over(*used, "slow:noisy-*")
    assert finding.observed == "LOST"
    assert deliveries.passes_over(*used, "slow:quiet-*") == []


def test_at_an_address_of_version_6(writes: Writes, boots: Boots):
    """What listens at an IPv6 address is used there, where the machine has one."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    six = writes(APPLICATION, CONTRACT.replace("[traffic]", 'host = "::1"\n[traffic]'))
    trace = boots(six, USE)
    assert traffic.first_requests(trace, six, "") == []
    assert journeys.completes(trace, six, "log-in") == []


def test_nobody_to_make_the_first_requests(writes: Writes, boots: Boots):
    """Where whoever should make the first requests cannot log in, none are made, and nothing is judged."""
    toml = CONTRACT.replace("first_requests", 'journey = "log-in"\nfirst_requests').replace("/login", "/broken")
    broken = writes(APPLICATION, toml)
    verdict = traffic.first_requests(boots(broken, USE), broken, "")
    assert isinstance(verdict, NotCovered)
    assert verdict.reason.startswith("the journey of whoever makes the first requests failed: POST /broken: ")
