"""Using an application: what is offered, asked, walked and put in, and what of it is on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.checks import deliveries, journeys, log, traffic
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.events.inside import PhaseLeft
from pytest_startup.events.process import FaultFelt, Ready
from pytest_startup.events.used import AbsentAddressed, DeliveryTried, ExerciseBegan, JourneyStepped, Offered, Requested
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes, written

Check = Callable[[Trace, Contract, str], Verdict]
USE = Variation(exercise=Exercise("use"))

APPLICATION = """
    import asyncio, json, os, secrets, sys

    users, sockets, keys, served = {}, {}, ["first"], []
    state = {"early": os.environ.get("EARLY", "refuse"), "ready": False}

    async def phase_one():
        state["keys"] = list(keys) if os.environ.get("STALE") else keys
        await asyncio.sleep(0.02)

    async def phase_two():
        await asyncio.sleep(0.02)

    async def starting():
        await phase_one()
        await phase_two()
        state["ready"] = True

    async def send(user, text):
        if user not in sockets:
            if not str(user).startswith("probe-"):
                print("LOST a message for", user, flush=True)
            return
        for to in sockets[user]:
            await to({"type": "websocket.send", "text": json.dumps({"text": text})})

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            if os.environ.get("BACKGROUND"):
                state["task"] = asyncio.create_task(starting())
            else:
                await starting()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/ready":
            await answer(send, 200 if state["ready"] else 503, {})
        elif not state["ready"] and state["early"] == "refuse":
            await refuse(scope, send)
        elif scope["type"] == "websocket":
            await socket(scope, receive, send)
        else:
            await request(scope, receive, send)

    async def refuse(scope, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1013})
        else:
            await answer(send, 503, {})

    async def answer(send, status, document, *headers):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})

    async def request(scope, receive, send):
        path, body = scope["path"], (await receive()).get("body", b"")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if path == "/login":
            name = json.loads(body)["name"]
            print("login with", json.loads(body)["password"], "of", name, flush=True)
            users[name] = len(users) + 1
            token = keys[-1] + "-" + secrets.token_hex(16)
            await answer(send, 200, {"user": {"id": users[name]}, "token": token},
                         (b"set-cookie", b"seen=cookie-" + name.encode() + b"; Path=/"))
        elif path == "/rotate":
            keys.append("second")
            await answer(send, 204, {})
        elif path == "/me":
            good = headers.get("authorization", "").split("-")[0] == "Bearer " + state["keys"][-1]
            await answer(send, 200 if good and "seen=cookie-" in headers.get("cookie", "") else 401, {})
        else:
            served.append(path)
            if state["ready"] and not headers.get("authorization", "").startswith("Bearer first-"):
                return await answer(send, 401, {})
            if len(served) == int(os.environ.get("FAILS_AT", 0)):
                print("OUT of it", flush=True)
                return await answer(send, 500, {})
            await answer(send, 200, {})

    async def socket(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        first = json.loads((await receive()).get("text") or "{}")
        user = first.get("user")
        sockets.setdefault(user, []).append(send)
        if os.environ.get("ALL"):
            for others in sockets.values():
                others[:] = [*(each for each in others if each is not send), send]
        await send({"type": "websocket.send", "text": "hello"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
[launch.env]
{env}
[startup]
forbidden_log = ["OUT of it"]
[[phases]]
name = "one"
callable = "app:phase_one"
[[phases]]
name = "two"
callable = "app:phase_two"
[health]
readiness = "/ready"
[traffic]
requests = ["/a", "/b?c=d"]
sockets = ["/ws"]
gate = "{gate}"
first_requests = 20
journey = "log-in"
headers = {{ Authorization = "Bearer {{token}}" }}
[[journeys]]
name = "log-in"
steps = [
    {{ post = "/login", json = {login}, capture = {{ id = "user.id", token = "token" }} }},
    {{ get = "/me", headers = {{ Authorization = "Bearer {{token}}" }} }},
]
[[journeys]]
name = "rotated"
steps = [
    {{ post = "/login", json = {login}, capture = {{ token = "token" }} }},
    {{ get = "http://{{host}}:{{port}}/me", headers = {{ Authorization = "Bearer {{token}}" }} }},
]
disturbance = {{ phase = "two", steps = [{{ post = "{rotate}" }}] }}
[[deliveries]]
name = "text"
journey = "log-in"
socket = {{ path = "/ws", first = {{ user = "{{id}}" }} }}
put = "app:send('{{recipient}}', 'for {{recipient}}: {{nonce}}')"
recipient = "{{id}}"
max_seconds = 1
synthetic = ["probe-*", "check-*"]
undeliverable = "LOST a message"
"""


def contract(env: str = "", gate: str = "application", rotate: str = "/rotate") -> str:
    """Return the contract of the application."""
    login = '{ name = "joe-{nonce}", password = "{secret.word}" }'
    return CONTRACT.format(env=env, gate=gate, rotate=rotate, login=login)


@pytest.fixture(scope="module")
def used(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Path]:
    """Use a healthy application; give the trace and the directory of its contract."""
    directory = tmp_path_factory.mktemp("used")
    return record(written(directory, APPLICATION, contract()), keeper, USE), directory


def _read(used: tuple[Trace, Path]) -> Contract:
    return read(used[1] / "startup.toml")


@pytest.mark.parametrize(
    ("check", "subject"),
    [
        (traffic.refused_during, "one"),
        (traffic.refused_during, "two"),
        (traffic.first_requests, ""),
        (log.stays_free_of, "OUT of it"),
        (journeys.completes, "log-in"),
        (deliveries.arrives, "text"),
        (deliveries.passes_over, "text:probe-*"),
        (deliveries.tells_losses, "text"),
    ],
)
def test_a_healthy_application_passes(used: tuple[Trace, Path], check: Check, subject: str):
    """Everything that the contract says of using it is judged, and good."""
    assert check(used[0], _read(used), subject) == []


def test_everything_in_its_order(used: tuple[Trace, Path]):
    """First the requests, then journeys, deliveries, and the recipients who are not there."""
    began = [event.name for event in used[0].all(ExerciseBegan)]
    assert began == ["first requests", "journeys", "deliveries", "recipients"]


def test_offered_at_every_boundary(used: tuple[Trace, Path]):
    """Requests and sockets are offered through ASGI before, between and after the phases."""
    inside = [event for event in used[0].all(Offered, vantage="inside") if event.at <= used[0].all(PhaseLeft)[-1].at]
    assert {(event.what, event.path, event.answer) for event in inside} == {
        ("request", "/a", "503"),
        ("request", "/b?c=d", "503"),
        ("socket", "/ws", "closed 1013"),
    }
    assert len(inside) >= 9


def test_offered_outside_until_ready(used: tuple[Trace, Path]):
    """From outside the same is offered from the beginning on, and no more once it is ready."""
    ready = used[0].first(Ready)
    assert ready is not None
    outside = used[0].all(Offered, vantage="outside")
    assert {event.path for event in outside} == {"/a", "/b?c=d", "/ws"}
    assert outside[0].answer == "refused"
    assert all(event.began <= ready.at for event in outside)


def test_first_requests_in_turn(used: tuple[Trace, Path]):
    """The first requests go over all paths in turn."""
    made = {event.path: (event.answer, event.count, event.first) for event in used[0].all(Requested)}
    assert made == {"/a": ("200", 10, 1), "/b?c=d": ("200", 10, 2)}


def test_secrets_are_masked(used: tuple[Trace, Path], tmp_path: Path):
    """Neither a token nor a password, nor a cookie, is in the trace; not even if the application logs it."""
    used[0].save(tmp_path / "trace.jsonl")
    text = (tmp_path / "trace.jsonl").read_text()
    assert "login with *** of" in text
    assert "first-" not in text
    assert "seen=" not in text


EARLY = 'EARLY = "serve"\nBACKGROUND = "yes"\n'


def test_disturbed(writes: Writes, boots: Boots):
    """A phase waits until the disturbance is done; whoever has what was true before it has something stale."""
    disturbed = Variation(exercise=Exercise("journey", "rotated"))
    good = writes(APPLICATION, contract(gate="port", env=EARLY))
    trace = boots(good, disturbed)
    felt, done = trace.first(FaultFelt, subject="two"), trace.first(JourneyStepped, walker="the disturbance")
    left = trace.first(PhaseLeft, phase="two")
    assert None not in (felt, done, left)
    assert felt.at < done.at < left.at < felt.at + 3
    assert journeys.completes(trace, good, "rotated") == []
    assert [each.request for each in trace.all(JourneyStepped)] == ["POST /rotate", "POST /login", *LAST]
    stale = writes(APPLICATION, contract(gate="port", env=EARLY + 'STALE = "yes"'))
    (finding,) = journeys.completes(boots(stale, disturbed), stale, "rotated")
    assert finding.observed == "a status from 200 to 299 was expected, not 401: {}"


LAST = ["GET http://{host}:{port}/me"]


def test_a_disturbance_that_fails(writes: Writes, boots: Boots):
    """Where the disturbance cannot be made, the phase goes on, and nothing is judged."""
    bad = writes(APPLICATION, contract(rotate="http://{host}:1/rotate"))
    trace = boots(bad, Variation(exercise=Exercise("journey", "rotated")))
    verdict = journeys.completes(trace, bad, "rotated")
    assert isinstance(verdict, NotCovered)
    assert verdict.reason.endswith("POST http://{host}:1/rotate: a status from 200 to 299 was expected, not refused")
    assert trace.first(Ready) is not None


def test_served_too_early(writes: Writes, boots: Boots):
    """A startup in the background that lets everybody in is seen from inside; sockets as well as requests."""
    served = writes(APPLICATION, contract(gate="port", env=EARLY))
    trace = boots(served, USE)
    observed = {each.observed for each in traffic.refused_during(trace, served, "two")}
    assert "it was served: 200, offered from inside" in observed
    assert any(each.startswith("it was accepted") for each in observed)


def test_nobody_needs_a_gate_behind_a_closed_port(writes: Writes, boots: Boots):
    """Where the port opens only after the startup, and the contract names no other gate, nothing is offered inside."""
    closed = writes(APPLICATION, contract(gate="port", env='EARLY = "serve"'))
    trace = boots(closed, USE)
    last = trace.all(PhaseLeft)[-1]
    assert not [each for each in trace.all(Offered, vantage="inside") if each.began < last.at]
    assert traffic.refused_during(trace, closed, "one") == []


def test_used_up(writes: Writes, boots: Boots):
    """A request that fails only after many is found by its number, and its line of the log too."""
    failing = writes(APPLICATION, contract(env='FAILS_AT = "15"'))
    trace = boots(failing, USE)
    (finding,) = traffic.first_requests(trace, failing, "")
    assert finding.observed.startswith("500, 1 of 20 times")
    (line,) = log.stays_free_of(trace, failing, "OUT of it")
    assert line.observed == "OUT of it"


def test_sent_to_everybody(writes: Writes, boots: Boots):
    """An event that the wrong user gets as well is seen at that user's socket."""
    leaking = writes(APPLICATION, contract(env='ALL = "yes"'))
    trace = boots(leaking, USE)
    first = trace.first(DeliveryTried, user="the first")
    assert first is not None
    assert (first.arrived, first.strayed > 0) == (1, True)
    assert any("the other user got it" in each.observed for each in deliveries.arrives(trace, leaking, "text"))


def test_noisy_recipient(used: tuple[Trace, Path]):
    """A synthetic recipient whose absence is told as a loss is found; the next one is not blamed for it."""
    (finding,) = deliveries.passes_over(used[0], _read(used), "text:check-*")
    assert finding.observed.startswith("LOST a message for check-")
    real = used[0].first(AbsentAddressed, pattern="")
    assert real is not None
    assert int(real.recipient) > 1_000_000


def test_without_an_agent(writes: Writes, boots: Boots):
    """A command is used from outside alone: requests and journeys are, deliveries are not covered."""
    command = contract().replace('target = "app:app"', f"command = {json.dumps(COMMAND)}")
    outside = writes(APPLICATION, command)
    trace = boots(outside, USE)
    assert journeys.completes(trace, outside, "log-in") == []
    assert traffic.first_requests(trace, outside, "") == []
    assert isinstance(deliveries.arrives(trace, outside, "text"), NotCovered)
    assert isinstance(traffic.refused_during(trace, outside, "one"), NotCovered)
    assert {event.vantage for event in trace.all(Offered)} == {"outside"}


COMMAND = ["{python}", "-m", "uvicorn", "app:app", "--host", "{host}", "--port", "{port}", "--lifespan", "on"]
