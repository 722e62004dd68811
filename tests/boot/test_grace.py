"""Grace periods walked through with the time moved: applications that read their clock in every way there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup.boot import plan
from pytest_startup.checks import grace
from pytest_startup.errors import BootError
from pytest_startup.events.inside import CallSkipped, GraceLookedAt, TimeMoved, TimeUnmovable
from pytest_startup.events.process import Exited, LogLine, Ready
from pytest_startup.findings import NotCovered
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import asyncio, datetime, logging, sys, time
    from datetime import datetime as moment, timezone
    from time import monotonic, perf_counter as ticks

    logging.basicConfig(stream=sys.stdout, level="INFO", format="%(message)s")
    handlers = []

    def register(handlers):
        handlers.append("chat")

    async def register_later(handlers):
        handlers.append("chat")

    class Monitor:
        def __init__(self, clock=time.monotonic):
            self.clock, self.begun = clock, self.now(clock)

        def now(self, clock):
            return CLOCK

        @property
        def status(self):
            if handlers:
                return "healthy"
            return "initializing" if self.now(self.clock) - self.begun < 10 else "warning"

        async def look(self):
            if self.status == "warning":
                logging.warning("ZERO handlers, at %s", datetime.datetime.now().isoformat())

    class App:
        monitor = None

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await start(self)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200 if handlers else 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    def never():
        pass

    async def start(app):
        REGISTER
        app.monitor = Monitor()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(0.05)
        assert 0.04 < loop.time() - begun < 5, "the clock of the loop is the real one"

    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
[[phases]]
name = "start"
callable = "app:start"
[health]
readiness = "/ready"
[[grace]]
name = "handlers"
seconds = 10
since = "start"
without = "app:register"
look = "app.monitor.look()"
status = "app.monitor.status"
during = "initializing"
after = "warning"
log = "ZERO handlers"
"""

CLOCKS = {
    "monotonic": "time.monotonic()",
    "monotonic by name": "monotonic()",
    "monotonic by a default": "clock()",
    "monotonic in ns": "time.monotonic_ns() / 1e9",
    "performance counter": "ticks()",
    "wall clock": "time.time()",
    "wall clock in ns": "time.time_ns() / 1e9",
    "datetime": "datetime.datetime.now().timestamp()",
    "datetime by name": "moment.now(timezone.utc).timestamp()",
}

GRACE = Variation(exercise=Exercise("grace", "handlers"))


def _application(clock: str = "time.monotonic()", register: str = "register(handlers)") -> str:
    return APPLICATION.replace("CLOCK", clock).replace("REGISTER", register)


def _said(trace: Trace) -> list[object]:
    return [look.status for look in trace.all(GraceLookedAt)]


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_every_clock_is_moved(clock: str, writes: Writes, boots: Boots):
    """Whatever clock the application reads, a period of ten seconds is judged in less than three."""
    declared = writes(_application(clock), CONTRACT)
    trace = boots(declared, GRACE)
    assert [] == grace.is_kept(trace, declared, "handlers")
    assert ["initializing", "initializing", "warning"] == _said(trace)
    now, before, after = trace.all(GraceLookedAt)
    assert now.elapsed_most < before.elapsed_least < before.elapsed_most < 10 < after.elapsed_least < 11
    moved = trace.all(TimeMoved)
    assert 9 < sum(move.seconds for move in moved) < 11
    assert after.at - now.at < 3
    assert trace.first(Ready) is None, "it serves, and is not ready"
    assert trace.first(Exited, asked=True) is not None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("< 10", "< 30"), "'initializing'"),
        (("< 10", "< 3"), "'warning' 9."),
        (('logging.warning("ZERO', 'logging.warning("No'), "none"),
        (("if self.status", "if True or self.status"), "ZERO handlers"),
    ],
    ids=["too long", "too short", "not logged", "logged at once"],
)
def test_a_period_that_is_not_kept(change: tuple[str, str], expected: str, writes: Writes, boots: Boots):
    """Another length, and a line that comes too soon or never, are told."""
    declared = writes(_application().replace(*change), CONTRACT)
    verdict = grace.is_kept(boots(declared, GRACE), declared, "handlers")
    assert not isinstance(verdict, NotCovered)
    assert verdict[0].observed.startswith(expected)


def test_without_an_async_callable(writes: Writes, boots: Boots):
    """Also what is awaited can do nothing."""
    application = _application(register="await register_later(handlers)")
    declared = writes(application, CONTRACT.replace("app:register", "app:register_later"))
    trace = boots(declared, GRACE)
    assert [""] == [call.problem for call in trace.all(CallSkipped)]
    assert [] == grace.is_kept(trace, declared, "handlers")


NEVER = CONTRACT.replace("app:start", "app:never").replace("boot_timeout = 20", "boot_timeout = 2")
JUDGED = {
    "without a phase": (_application(), CONTRACT.replace('since = "start"', ""), ""),
    "nothing was missing": (_application(register="pass"), CONTRACT, "app:register was never called, so that"),
    "its phase never ended": (_application(), NEVER, "it waited for the end of the phase start"),
    "never served": (_application() + "    sys.exit(3)\n", CONTRACT, "the boot never came to serve"),
}


@pytest.mark.parametrize(("application", "contract", "reason"), JUDGED.values(), ids=JUDGED)
def test_what_can_be_judged(application: str, contract: str, reason: str, writes: Writes, boots: Boots):
    """Without a phase the period began within the startup; what did not happen is no failure of it."""
    declared = writes(application, contract)
    verdict = grace.is_kept(boots(declared, GRACE), declared, "handlers")
    assert verdict == [] if not reason else isinstance(verdict, NotCovered) and verdict.reason.startswith(reason)


def test_what_is_not_there(writes: Writes, boots: Boots):
    """A callable and a status that do not exist are told as such."""
    declared = writes(
        _application(), CONTRACT.replace("app:register", "app:registers").replace("monitor.sta", "nobody.sta")
    )
    trace = boots(declared, GRACE)
    assert ["app has no registers"] == [call.problem for call in trace.all(CallSkipped)]
    assert {"AttributeError: 'App' object has no attribute 'nobody'"} == {e.problem for e in trace.all(GraceLookedAt)}


def test_without_freezegun(writes: Writes, boots: Boots, monkeypatch: pytest.MonkeyPatch):
    """Where freezegun is not installed, the reason says how to get it."""
    monkeypatch.setattr(plan, "freezegun", lambda: None)
    declared = writes(_application(), CONTRACT)
    verdict = grace.is_kept(boots(declared, GRACE), declared, "handlers")
    assert isinstance(verdict, NotCovered)
    assert verdict.reason.endswith('pip install "pytest-startup[time]"')


def test_with_a_freezegun_that_cannot_be_used(
    writes: Writes, boots: Boots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A freezegun that the interpreter of the application cannot import is a reason, and the application starts."""
    broken = tmp_path / "freezegun"
    broken.mkdir()
    (broken / "__init__.py").write_text("from . import nothing\n")
    monkeypatch.setattr(plan, "freezegun", lambda: str(broken))
    trace = boots(writes(_application(), CONTRACT), GRACE)
    (unmovable,) = trace.all(TimeUnmovable)
    assert unmovable.reason.startswith("freezegun cannot be used in the application's interpreter: ImportError")
    assert [] == trace.all(TimeMoved)
    assert any("startup complete" in line.text for line in trace.all(LogLine))


def test_it_does_not_stand_in_for_anything(writes: Writes, boots: Boots):
    """What freezegun needs is not there for the application, which may have forgotten to install it."""
    forgets = "    try:\n        import dateutil.tz\n    except ImportError:\n        print('forgotten', flush=True)\n"
    where = "    import sys\n    sys.path[:] = [each for each in sys.path if 'site-packages' not in each]\n"
    trace = boots(writes(where + forgets + _application(), CONTRACT), GRACE)
    assert any(line.text == "forgotten" for line in trace.all(LogLine))


def test_an_unknown_period(writes: Writes, boots: Boots):
    """A grace period that is not declared cannot be walked through."""
    with pytest.raises(BootError, match="no grace period 'nobody'; declared: handlers"):
        boots(writes(_application(), CONTRACT), Variation(exercise=Exercise("grace", "nobody")))


def test_from_outside(writes: Writes, boots: Boots):
    """A command is seen from outside, where no time can be moved."""
    command = """command = ["{python}", "-m", "uvicorn", "app:app", "--port", "{port}"]"""
    declared = writes(_application(), CONTRACT.replace('target = "app:app"', command))
    verdict = grace.is_kept(boots(declared, GRACE), declared, "handlers")
    assert verdict == NotCovered("the application was watched from outside, where its time cannot be moved")
