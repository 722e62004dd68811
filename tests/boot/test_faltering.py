"""A service that falters: what an application meets, and that it is the same each time."""

from __future__ import annotations

from pytest_startup.boot import schedule
from pytest_startup.boot.faltering import Course
from pytest_startup.boot.schedule import BREAKING, SLOWING, Episode, draw
from pytest_startup.checks import chaos
from pytest_startup.events.edge import CanaryAnswered
from pytest_startup.events.instances import ChaosPlanned, EpisodeStruck
from pytest_startup.events.process import FaultFelt, FaultPlanned, Ready
from pytest_startup.variation import Variation

from .conftest import Boots, Writes

SEEDS = range(40)


def test_a_seed_is_a_schedule() -> None:
    """The same seed draws the same schedule, another seed or service another one."""
    assert draw(1, "redis") == draw(1, "redis")
    assert len({draw(seed, "redis") for seed in SEEDS}) == len(SEEDS)
    assert draw(1, "redis") != draw(1, "postgres")


def test_every_schedule_slows_and_breaks() -> None:
    """Each has an episode of either sort, the first of which strikes at once, and all are over in a few seconds."""
    for seed in SEEDS:
        episodes = draw(seed, "redis")
        assert {each.way for each in episodes} & {*SLOWING}
        assert {each.way for each in episodes} & {*BREAKING}
        assert episodes[0].skipped == 0
        assert sum(each.seconds for each in episodes) < 3


def test_a_schedule_is_this_one() -> None:
    """What a seed means does not change from one release, or one Python, to the next."""
    said = [str(each) for each in draw(2, "postgres")]
    assert said == [
        "reset, 0 answers later",
        "jitter for 0.59 s, 2 answers later",
        "narrow at 60093 B/s for 0.60 s, 4 answers later",
    ]


def test_a_course_is_run_once() -> None:
    """Episodes strike in their order, each after the answers that it lets pass; after the last one all is well."""
    told: list[Episode] = []
    first = Episode("reset", 0, 0.0, 1, 1)
    second = Episode("cut", 2, 0.0, 1, 1)
    course = Course((first, second), told.append)
    assert [first, None, None, second, None, None] == [course.answer() for _ in range(6)]
    assert told == [first, second]


def test_a_calm_course_strikes_no_more() -> None:
    """Once it is calm, what goes on ends, and what was to come does not."""
    course = Course((Episode("silence", 0, 60.0, 1, 1), Episode("cut", 0, 0.0, 1, 1)), lambda _: None)
    assert course.answer() is course.acting is not None
    assert 59 < course.left
    course.calm = True
    assert (None, None, 0.0) == (course.acting, course.answer(), course.left)


APPLICATION = """
    import asyncio, os
    import redis.asyncio, redis.exceptions

    class App:
        cache = redis.asyncio.Redis.from_url(os.environ["CACHE"], socket_timeout=1, retry=None)

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                for number in range(30):
                    await self.patiently(self.cache.set, f"key {number}", "x" * 2000)
                    await self.patiently(self.cache.get, f"key {number}")
                await send({"type": "lifespan.startup.complete"})
                await receive()
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def patiently(self, call, *arguments):
            for attempt in range(50):
                try:
                    return await call(*arguments)
                except (OSError, redis.exceptions.RedisError, RuntimeError) as error:  # the last one is uvloop's
                    print("again:", repr(error), flush=True)
                    await asyncio.sleep(0.05)
            raise RuntimeError("redis does not answer")

        async def pings(self):
            return await self.cache.ping()

    app = App()
"""
CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
[launch.env]
CACHE = "{redis.url}"
[services.redis]
canary = "app.pings()"
outcome = { falters = "tolerated" }
[services.postgres]
outcome = { falters = "tolerated" }
[services.llm]
"""


def test_it_is_met_and_weathered(writes: Writes, boots: Boots) -> None:
    """Every episode of every way meets the traffic, is on record, and is over once it is ready."""
    contract = writes(APPLICATION, CONTRACT)
    met: set[str] = set()
    for seed in (2, 4, 5, 6):
        trace = boots(contract, Variation(chaos=seed))
        assert None is not trace.first(Ready)
        assert ["redis", "postgres"] == [event.subject for event in trace.all(FaultPlanned)]
        assert ["redis"] == [event.subject for event in trace.all(FaultFelt)]
        struck = [event.episode for event in trace.all(EpisodeStruck)]
        (planned,) = trace.all(ChaosPlanned, service="redis")
        assert tuple(struck) == planned.episodes == tuple(map(str, draw(seed, "redis")))
        met |= {each.way for each in draw(seed, "redis")}
        assert [True] == [event.works for event in trace.all(CanaryAnswered)]
        assert [] == chaos.is_weathered(trace, contract, seed)
        assert [] == chaos.is_met(trace, contract, "redis")
        assert "does not use postgres" in str(chaos.is_met(trace, contract, "postgres"))
    assert {*SLOWING, *BREAKING} == met


def test_impatience_is_found(writes: Writes, boots: Boots) -> None:
    """Who gives up at the first error ends, and the finding says what it had met."""
    contract = writes(APPLICATION.replace("range(50)", "range(1)"), CONTRACT)
    (found,) = chaos.is_weathered(boots(contract, Variation(chaos=4)), contract, 4)  # type: ignore[misc]
    assert "redis does not answer" in found.observed
    assert "it had met redis: silence" in found.observed


def test_who_is_not_declared_is_left_alone(writes: Writes, boots: Boots) -> None:
    """Without a declared outcome a service does not falter."""
    contract = writes(APPLICATION, CONTRACT.replace("falters", "late"))
    assert [] == schedule.faults(Variation(chaos=1), contract)
    trace = boots(contract, Variation(chaos=1))
    assert [] == trace.all(FaultPlanned)
