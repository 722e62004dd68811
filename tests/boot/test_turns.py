"""A loop whose tasks run in an order of their own: decided by a seed, the same again with the same seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from pytest_startup.boot.startup_agent import turns
from pytest_startup.boot.startup_agent.turns import run_shuffled
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import AgentAttached
from pytest_startup.events.process import LogLine, OrderShuffled, Ready
from pytest_startup.trace import Trace
from pytest_startup.variation import Variation

from .conftest import Boots, Writes

SEEDS = range(8)


class Nobody:
    """A channel with nobody at the other end."""

    def emit(self, kind: str, **fields: object) -> None:
        """Forget it."""


def _run(main: Callable[[list[str]], Coroutine[None, None, None]], seed: int) -> list[str]:
    told: list[str] = []
    run_shuffled(main(told), seed, Nobody())
    return told


async def _workers(told: list[str]) -> None:
    async def work(name: str) -> None:
        for step in range(3):
            told.append(f"{name}{step}")
            await asyncio.sleep(0)

    await asyncio.gather(*(work(name) for name in "abcde"))


async def _callbacks(told: list[str]) -> None:
    for name in "abcde":
        asyncio.get_running_loop().call_soon(told.append, name)
    await asyncio.sleep(0.01)


async def _mixed(told: list[str]) -> None:
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda _: told.append("first"))
    future.add_done_callback(lambda _: told.append("second"))
    others = [asyncio.create_task(asyncio.sleep(0)) for _ in range(5)]
    future.set_result(None)
    await asyncio.gather(*others)


async def _woken(told: list[str]) -> None:
    """Three futures, each with a callback before the task that waits for it."""

    async def wait(number: int) -> None:
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda _: told.append(f"called {number}"))
        asyncio.get_running_loop().call_later(0.01, future.set_result, None)
        await future
        told.append(f"woken {number}")

    await asyncio.gather(*map(wait, range(3)))


def test_a_seed_is_an_order() -> None:
    """The same seed gives the same order, other seeds give others, and nobody is left out or overtakes himself."""
    orders = {seed: _run(_workers, seed) for seed in SEEDS}
    assert orders == {seed: _run(_workers, seed) for seed in SEEDS}
    assert len({tuple(order) for order in orders.values()}) > 4
    for order in orders.values():
        assert sorted(f"{name}{step}" for name in "abcde" for step in range(3)) == sorted(order)
        assert all(order.index(f"{name}0") < order.index(f"{name}1") < order.index(f"{name}2") for name in "abcde")


@pytest.mark.parametrize(("main", "told"), [(_callbacks, list("abcde")), (_mixed, ["first", "second"])])
def test_callbacks_keep_their_order(main: Callable[[list[str]], Coroutine[None, None, None]], told: list[str]) -> None:
    """What asyncio promises to call in the order of scheduling is called so, whatever the seed."""
    assert [told] * len(SEEDS) == [_run(main, seed) for seed in SEEDS]


async def _fails(_: list[str]) -> None:
    asyncio.get_running_loop().create_task(asyncio.sleep(60))
    raise ValueError


def test_it_ends_as_asyncio_run_does() -> None:
    """An exception comes through, tasks that are left are cancelled, and the loop is closed."""
    with pytest.raises(ValueError, match=r"^$"):
        _run(_fails, 1)


RACE = """
    import asyncio

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await asyncio.gather(*(connect(name) for name in ("database", "cache", "llm", "mail")))
            print("on", type(asyncio.get_running_loop()).__name__, flush=True)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    async def connect(name):
        await asyncio.sleep(0)
        print("connected", name, flush=True)
"""


def _connected(trace: Trace) -> list[str]:
    return [line.text for line in trace.all(LogLine) if line.text.startswith("connected")]


def test_a_boot_with_a_seed(writes: Writes, boots: Boots) -> None:
    """An application on such a loop is ready as ever; its tasks come in the order of the seed, boot after boot."""
    contract: Contract = writes(RACE)
    traces = [boots(contract, Variation(seed=seed)) for seed in (0, 0, 1, 2, 3)]
    assert [0, 0, 1, 2, 3] == [event.seed for trace in traces for event in trace.all(OrderShuffled)]
    assert all(trace.first(Ready) and trace.first(AgentAttached) for trace in traces)
    assert all(any(line.text == "on ShuffledLoop" for line in trace.all(LogLine)) for trace in traces)
    orders = [_connected(trace) for trace in traces]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_overtakes_a_callback(seed: int) -> None:
    """A task that a future has woken goes on after the callbacks of that future, whatever the order of the tasks."""
    told = _run(_woken, seed)
    assert all(told.index(f"called {number}") < told.index(f"woken {number}") for number in range(3))


def test_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread hands to the loop while its turn is put in order is neither lost nor in the way."""
    ready = turns.Ready(1)
    ready.extend(range(5))
    ready.arranged = False
    monkeypatch.setattr(turns, "task_of", lambda _: ready.append("late"))
    assert ready.popleft() == 0
    assert [1, 2, 3, 4] == list(ready)[:4]
    assert {"late"} == set(list(ready)[4:])
