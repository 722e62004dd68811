"""Probes from outside, while an application starts and while it is up; and the end of boots that have none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from pytest_startup.boot import Boot, record
from pytest_startup.clock import now
from pytest_startup.events.edge import CanaryAnswered, Probed
from pytest_startup.events.process import Exited, NeverReady, Ready, Spawned
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PhaseFault, ServiceFault, Variation

from .conftest import Boots, Writes, written

BACKGROUND = """
    import asyncio, os, redis.asyncio, time

    class App:
        ready = asked = False

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                self.start = asyncio.create_task(self.starting())
                await send({"type": "lifespan.startup.complete"})
                await receive()
                return await send({"type": "lifespan.shutdown.complete"})
            if scope["path"] == "/ready" and not self.ready:
                await asyncio.sleep(float(os.environ["SLOW"]))
            self.asked = self.asked or scope["path"] == "/"
            status = 503 if scope["path"] == "/ready" and not self.ready else 200
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"here"})

        async def starting(self):
            await opened()
            while not self.asked:
                await asyncio.sleep(0.01)
            self.ready = True

        async def ask(self):
            return await redis.asyncio.Redis.from_url(os.environ["CACHE"]).ping()

    async def opened():
        await asyncio.sleep(0)

    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = {boot}
stop_timeout = 0.5
[launch.env]
SLOW = "{slow}"
CACHE = "{{redis.url}}"
[[phases]]
name = "opened"
callable = "app:opened"
[services.redis]
canary = "app.ask()"
[health]
liveness = "/live"
readiness = {{ path = "/ready", max_seconds = 0.3 }}
"""


def _said(trace: Trace, role: str) -> list[str]:
    return [event.answer for event in trace.all(Probed, role=role, vantage="outside")]


def test_traffic_while_not_ready(writes: Writes, boots: Boots) -> None:
    """An ordinary request that is answered while readiness says not ready is on record, and none after ready."""
    trace = boots(writes(BACKGROUND, CONTRACT.format(slow=0, boot=20)))
    ready = trace.first(Ready)
    assert ready is not None
    assert "200" in _said(trace, "request")
    assert all(event.at <= ready.at for event in trace.all(Probed, role="request"))
    assert _said(trace, "readiness")[0] in ("refused", "503")


TELLS_BY_BODY = """
    import asyncio

    class App:
        ready = False

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                self.start = asyncio.create_task(self.starting())
                await send({"type": "lifespan.startup.complete"})
                await receive()
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            body = b'{"ready": true}' if self.ready else b'{"ready": false}'
            await send({"type": "http.response.body", "body": body})

        async def starting(self):
            await asyncio.sleep(0.5)
            self.ready = True

    app = App()
"""
BY_BODY = """
[launch]
target = "app:app"
[health.readiness]
path = "/ready"
not_ready_status = [200]
not_ready_fields = { ready = false }
"""


def test_the_body_tells(writes: Writes, boots: Boots) -> None:
    """Where the status is always the same, the body says when the application is ready."""
    trace = boots(writes(TELLS_BY_BODY, BY_BODY))
    ready, became = trace.first(Ready), trace.first(Probed, role="readiness", fields={"ready": True})
    assert trace.first(Probed, role="readiness", fields={"ready": False}) is not None
    assert ready is not None
    assert became is not None
    assert became.at <= ready.at


def test_a_slow_answer_holds_up_no_other(writes: Writes, keeper: Keeper) -> None:
    """While readiness does not answer, liveness is asked on; how long the silence took is on record."""
    with Boot(writes(BACKGROUND, CONTRACT.format(slow=60, boot=20)), keeper) as boot:
        assert boot.until_ready()
    silences = boot.trace.all(Probed, role="readiness", answer="timeout", vantage="outside")
    lives = boot.trace.first(Probed, role="liveness", answer="200")
    assert lives is not None
    assert silences
    assert 0.29 < silences[0].at - silences[0].began
    assert lives.at < silences[0].at


ENDLESS = {
    "a phase of a background startup": (PhaseFault("opened", "hangs"), 0),
    "a service and its canary": (ServiceFault("redis", "silent"), 0),
    "readiness": (ServiceFault("redis", "silent"), 60),
}


@pytest.fixture(scope="module")
def endless(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], tuple[Trace, float]]]:
    """Boot what never ends by itself, all at once; give the trace of each and the seconds that it took."""
    never = BACKGROUND.replace("while not self.asked", "while True")

    def boot(fault: PhaseFault | ServiceFault, slow: int) -> tuple[Trace, float]:
        contract = written(tmp_path_factory.mktemp("endless"), never, CONTRACT.format(slow=slow, boot=1.5))
        began = now()
        return record(contract, keeper, Variation((fault,))), now() - began

    with ThreadPoolExecutor(len(ENDLESS)) as pool:
        booted = {name: pool.submit(boot, *case) for name, case in ENDLESS.items()}
        yield lambda name: booted[name].result(60)


@pytest.mark.parametrize("name", ENDLESS)
def test_whatever_hangs_has_an_end(endless: Callable[[str], tuple[Trace, float]], name: str) -> None:
    """A boot with a fault takes its two timeouts and a few seconds, whatever hangs, and leaves nothing running."""
    trace, seconds = endless(name)
    assert seconds < 1.5 + 0.5 + 6
    assert trace.first(Ready) is None
    assert trace.first(NeverReady) is not None
    spawned = trace.first(Spawned)
    assert spawned is not None
    assert not psutil.pid_exists(spawned.pid)
    assert trace.first(Exited) is not None
    assert not any(event.works for event in trace.all(CanaryAnswered, service=ENDLESS[name][0].subject))


def test_a_boot_can_be_aborted(writes: Writes, keeper: Keeper) -> None:
    """Whoever waits for a boot goes on at once when another thread aborts it, and nothing is left running."""
    began = now()
    never = BACKGROUND.replace("while not self.asked", "while True")
    with Boot(writes(never, CONTRACT.format(slow=0, boot=60)), keeper) as boot:
        threading.Timer(0.3, boot.abort).start()
        assert not boot.until_ready()
    assert now() - began < 10
    spawned = boot.trace.first(Spawned)
    assert spawned is not None
    assert not psutil.pid_exists(spawned.pid)
