"""Phases written in other styles: a context manager that is entered, and a time limit within the phase itself."""

from __future__ import annotations

import pytest

from pytest_startup.events.inside import PhaseEntered, PhaseFailed, PhaseLeft
from pytest_startup.events.process import Exited, FaultFelt, LogLine, Ready
from pytest_startup.variation import PLAIN, PhaseFault, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import asyncio
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened():
        await asyncio.sleep(0.1)
        yield "the pool"
        await asyncio.sleep(0)

    async def limited():
        async with asyncio.timeout(0.3):
            await asyncio.sleep(0.01)

    async def quick():
        pass

    async def patient():
        for _ in range(2):
            try:
                async with asyncio.timeout(0.1):
                    await asyncio.sleep(0.01)
                    return
            except TimeoutError:
                continue
        raise RuntimeError("tried twice")

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            async with opened() as pool:
                assert pool == "the pool"
                await asyncio.wait_for(quick(), 0.5)
                await limited()
                await patient()
                await send({"type": "lifespan.startup.complete"})
                await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})
"""
CONTRACT = '[launch]\ntarget = "app:app"\nboot_timeout = 8\nstop_timeout = 2\n' + "".join(
    f'[[phases]]\nname = "{name}"\ncallable = "app:{name}"\n' for name in ("opened", "quick", "limited", "patient")
)


def test_a_context_manager_is_a_phase_until_it_is_entered(writes: Writes, boots: Boots):
    """The time that it takes to enter is measured, and what it yields is what it was."""
    trace = boots(writes(APPLICATION, CONTRACT), PLAIN)
    entered, left = trace.first(PhaseEntered, phase="opened"), trace.first(PhaseLeft, phase="opened")
    assert entered is not None
    assert left is not None
    assert 0.09 < left.at - entered.at
    assert trace.first(Ready) is not None
    assert trace.all(Exited)[0].asked


def test_a_context_manager_that_fails_is_named(writes: Writes, boots: Boots):
    """A fault in a context manager is raised where it is entered, and the traceback names it."""
    trace = boots(writes(APPLICATION, CONTRACT), Variation(faults=(PhaseFault("opened", "raises"),)))
    assert trace.first(PhaseFailed, phase="opened") is not None
    assert any("in opened" in line.text for line in trace.all(LogLine))
    assert not trace.all(Exited)[0].asked


@pytest.mark.parametrize("phase", ["limited", "quick", "patient"])
def test_a_hang_meets_the_limits_of_the_phase(phase: str, writes: Writes, boots: Boots):
    """A phase that hangs does so at its own waits: a time limit within it ends it, as one around it does."""
    trace = boots(writes(APPLICATION, CONTRACT), Variation(faults=(PhaseFault(phase, "hangs"),)))
    felt, failed = trace.first(FaultFelt, subject=phase), trace.first(PhaseFailed, phase=phase)
    assert felt is not None
    assert failed is not None
    assert failed.at - felt.at < 4
    assert trace.all(Exited)[0].asked is False
    assert ("tried twice" in failed.error) is (phase == "patient")
