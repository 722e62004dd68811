"""Answers one by one: a frame, what answers it, and how long that took."""

from __future__ import annotations

import asyncio
import json

from pytest_startup.boot.expected import same
from pytest_startup.boot.guests import CONNECT_SECONDS, SETTLE_SECONDS, Guests
from pytest_startup.boot.listeners import Company, Listener
from pytest_startup.boot.walk import Walk, nonce
from pytest_startup.chat.frames import document_of
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.latency import FrameLatency
from pytest_startup.events.connected import EXCHANGES, ExchangesTimed


async def exchange(company: Company, listener: Listener, walk: Walk, wanted: Exchange) -> tuple[float, str]:
    """Have a frame answered, and return how many seconds that took, and what was wrong with it, if anything."""
    values = walk.values.within(**{NONCE: nonce()})
    receive, heard, began = values.filled(wanted.receive), len(listener.heard), now()
    listener.say(json.dumps(values.filled(wanted.say)))

    def found() -> float | None:
        fresh = listener.heard[heard:]
        return next((each.at for each in fresh if same(receive, document_of(each.text))), None)

    await company.until(lambda: bool(listener.how) or found() is not None, wanted.max_seconds)
    at = found()
    if at is not None:
        return at - began, ""
    return (
        now() - began,
        f"its socket was {listener.how}" if listener.how else f"no answer within {wanted.max_seconds:g} s",
    )


def measure(guests: Guests, latency: FrameLatency, alive: Exchange, deadline: Deadline) -> None:
    """Have one user send so many frames, one after the other, and record how long each answer took."""
    journey = guests.socket.journey
    walks = guests.walks({EXCHANGES: journey}, deadline) if journey is not None else {}
    if EXCHANGES in walks:
        asyncio.run(_measure(guests, latency, alive, walks[EXCHANGES], Company(deadline)))
    else:
        guests.missing(EXCHANGES, "", "nobody could make the journey")


async def _measure(guests: Guests, latency: FrameLatency, alive: Exchange, walk: Walk, company: Company) -> None:
    listener = guests.listener(walk)
    await company.join([listener], CONNECT_SECONDS)
    await company.listen(SETTLE_SECONDS)
    taken: list[float] = []
    problem = f"its socket was {listener.how}" if listener.how else ""
    while not problem and len(taken) < latency.samples and not company.deadline.expired:
        seconds, problem = await exchange(company, listener, walk, alive)
        taken += [] if problem else [seconds]
    await company.leave()
    if not company.deadline.expired:
        at = guests.recorder.elapsed()
        timed = ExchangesTimed(at=at, wanted=latency.samples, seconds=tuple(taken), problem=problem)
        guests.recorder.add(timed)
