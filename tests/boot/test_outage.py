"""Outages of a service which users notice: who asks meanwhile, and what works afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_startup.checks import outcomes, recovery
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import PoolUsed, Probed, ServiceSwitched
from pytest_startup.events.process import FaultFelt
from pytest_startup.events.used import AFTERWARDS, AskedThroughout, DeliveryTried, ExerciseBegan, JourneyStepped
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, ServiceFault, ServiceFaultKind, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import asyncio, json, os
    import redis.asyncio

    LIMIT = float(os.environ.get("LIMIT", "0.5")) or None
    state, sockets = {"broken": False}, {}

    class Cache:
        def __init__(self):
            url = os.environ["CACHE"]
            self.redis = redis.asyncio.Redis.from_url(url, socket_timeout=LIMIT, socket_connect_timeout=LIMIT)

        async def ping(self):
            try:
                if state["broken"] and os.environ.get("STAYS_BROKEN"):
                    raise OSError("it was broken once")
                return await asyncio.wait_for(self.redis.ping(), 0.5)
            except Exception:
                state["broken"] = True
                raise

    class Bus:
        async def put(self, user, word):
            if state["broken"] and os.environ.get("FORGETS_USERS"):
                return
            for to in sockets.get(user, []):
                await to({"type": "websocket.send", "text": word})

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            state["cache"] = Cache()
            state["bus"] = Bus()
            await state["cache"].ping()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await state["cache"].redis.aclose()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            sockets.setdefault(scope["path"], []).append(send)
            while (await receive())["type"] != "websocket.disconnect":
                pass
        else:
            status = await answer(scope["path"])
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps({"user": scope["path"]}).encode()})

    async def answer(path):
        try:
            if path == "/ready":
                await state["cache"].ping()
            elif path != "/live":
                await state["cache"].redis.incr("hits")
        except Exception:
            return 503
        return 200
"""

CONTRACT = """
    [launch]
    target = "app:app"
    stop_timeout = 1
    [launch.env]
    CACHE = "{redis.url}"
    %s
    [services.redis]
    canary = "app:state['cache'].ping()"
    pool = { size = 1, most = 20 }
    outcome = { dies = "not-ready", returns = "tolerated", stalls = "not-ready" }
    [health]
    liveness = { path = "/live", max_seconds = 0.5 }
    readiness = { path = "/ready", max_seconds = 1, follows_within = 2 }
    [traffic]
    requests = ["/a", "/b"]
    max_seconds = 3
    [[journeys]]
    name = "it"
    steps = [{ get = "/{nonce}", capture = { user = "user" } }]
    [[deliveries]]
    name = "word"
    journey = "it"
    socket = "{user}"
    put = "app:state['bus'].put('{recipient}', '{nonce}')"
    recipient = "{user}"
"""

KINDS: list[ServiceFaultKind] = ["returns", "stalls"]
CHECKS: dict[str, Callable[[Trace, Contract, str], Verdict]] = {
    "readiness and liveness": outcomes.while_gone,
    "in time": recovery.follows_in_time,
    "requests": recovery.ends_all_requests,
    "pool": recovery.pool_recovers,
    "use": recovery.works_again,
}


def outage(kind: ServiceFaultKind) -> Variation:
    """Return the variation in which users notice an outage."""
    return Variation((ServiceFault("redis", kind),), exercise=Exercise("outage"))


def judged(trace: Trace, contract: Contract) -> dict[str, str]:
    """Return what each check finds, in the words of its first finding."""
    found = {}
    for name, check in CHECKS.items():
        verdict = check(trace, contract, "redis")
        assert not isinstance(verdict, NotCovered), f"{name}: {verdict.reason}"
        if verdict:
            found[name] = verdict[0].observed
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_recovers(writes: Writes, boots: Boots, kind: ServiceFaultKind):
    """An application with time limits survives: asked all the time, used at the end, well in every respect."""
    contract = writes(APPLICATION, CONTRACT % "")
    trace = boots(contract, outage(kind))
    assert {} == judged(trace, contract)
    gone, back = trace.all(ServiceSwitched)
    assert [kind, "up"] == [gone.to, back.to]
    felt, used, again = trace.first(FaultFelt), trace.first(PoolUsed), trace.first(ExerciseBegan, name=AFTERWARDS)
    assert felt is not None
    assert used is not None
    assert again is not None
    assert gone.at <= felt.at < back.at < used.at < again.at
    assert {"200", "503"} <= {each.answer for each in trace.all(AskedThroughout)}
    assert {"/a", "/b"} == {each.path for each in trace.all(AskedThroughout)}
    assert all(each.at > again.at for each in [*trace.all(JourneyStepped), *trace.all(DeliveryTried)])
    assert [1, 1] == [each.arrived for each in trace.all(DeliveryTried)]


STALLED = {
    "no limit": ('LIMIT = "0"', "stalls", {"requests"}),
    "no limit, and it went": ('LIMIT = "0"', "returns", set[str]()),
    "never well again": ('STAYS_BROKEN = "1"', "returns", {"in time", "pool"}),
    "forgets its users": ('FORGETS_USERS = "1"', "returns", {"use"}),
}


@pytest.mark.parametrize(("env", "kind", "wrong"), STALLED.values(), ids=STALLED)
def test_it_does_not_recover(writes: Writes, boots: Boots, env: str, kind: ServiceFaultKind, wrong: set[str]):
    """Whatever an outage leaves behind is found by the check that is for it."""
    contract = writes(APPLICATION, CONTRACT % env)
    assert wrong == judged(boots(contract, outage(kind)), contract).keys()


def test_without_readiness_and_traffic(writes: Writes, boots: Boots):
    """What is not declared is not asked, and not judged; the outage is over after a while all the same."""
    bare = CONTRACT.partition("[health]")[0] % ""
    contract = writes(APPLICATION, bare)
    trace = boots(contract, outage("stalls"))
    assert ["stalls", "up"] == [each.to for each in trace.all(ServiceSwitched)]
    assert trace.first(AskedThroughout) is None
    assert trace.first(Probed, role="readiness") is None
    verdicts = [recovery.follows_in_time(trace, contract, "redis"), recovery.works_again(trace, contract, "redis")]
    assert all(isinstance(each, NotCovered) for each in verdicts)
