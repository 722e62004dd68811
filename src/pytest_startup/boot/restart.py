"""A restart while broadcasts go on: what came to each socket by then, how it was closed, and who is back afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from pytest_startup.boot.audience import Audience
from pytest_startup.boot.boot import Boot
from pytest_startup.boot.broadcasts import STRAY_SECONDS, put, seated, users
from pytest_startup.boot.guests import CONNECT_SECONDS, SETTLE_SECONDS, Guests
from pytest_startup.boot.listeners import Company
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.values import Url
from pytest_startup.events.connected import RESTART, RestartTried
from pytest_startup.variation import Exercise, Variation

PAUSE_SECONDS = 0.05
"""Between two broadcasts which are put in."""

BEFORE_SECONDS = 0.5
"""How long they go on before it is told to stop."""

END_SECONDS = 1.0
"""How long a socket may still be open once the process has ended."""

BACK = 2
"""Broadcasts after the next boot."""

WALK_SECONDS = 20.0


class Restart:
    """One restart; the next boot has the services of this one, its secrets, and what it left behind."""

    def __init__(self, boot: Boot, guests: Guests) -> None:
        """Prepare; the boot is up."""
        self.boot, self.guests = boot, guests

    def go(self) -> None:
        """Restart it while the first broadcast goes on, to those whom that reaches, and to the others."""
        broadcast = next(iter(self.guests.socket.broadcasts), None)
        if broadcast is None or not self.guests.line.attached or isinstance(self.boot.contract.launch.app, Url):
            return  # which the exercise of broadcasts has told of
        wanted = users(broadcast, self.guests.socket.journey)
        walks = self.guests.walks(wanted, Deadline.after(WALK_SECONDS, "the journeys before a restart"))
        if wanted.keys() <= walks.keys():
            asyncio.run(self._go(broadcast, walks))
        else:
            self.guests.missing(RESTART, broadcast.name, "its users could not make their journey")

    async def _go(self, broadcast: Broadcast, walks: Mapping[str, Walk]) -> None:
        limit = self.boot.contract.launch.stop_timeout + BEFORE_SECONDS + 3 * CONNECT_SECONDS
        company = Company(Deadline.after(limit, "the restart"))
        audience = Audience(self.guests, broadcast, "stopping")
        await company.join(seated(audience, walks, self.guests.socket.journey), CONNECT_SECONDS)
        await company.listen(SETTLE_SECONDS)
        if any(each.listener.how for each in audience.seats):
            self.guests.missing(RESTART, broadcast.name, "not all sockets were opened")
            return
        await self._put_until(audience, company, now() + BEFORE_SECONDS)
        stopped, sent = self.boot.recorder.elapsed(), audience.latest
        stopping = asyncio.ensure_future(asyncio.to_thread(self.boot.stop))
        while not stopping.done():
            await self._put_until(audience, company, now() + PAUSE_SECONDS)
        await stopping
        await company.until(lambda: not any(each.listener.open for each in audience.seats), END_SECONDS)
        audience.record()
        await company.leave()
        ready, observed = await asyncio.to_thread(self._again, broadcast, walks)
        recorder = self.boot.recorder
        recorder.add(
            RestartTried(
                at=recorder.elapsed(),
                broadcast=broadcast.name,
                stopped=stopped,
                sent=sent,
                ready=ready,
                observed=observed,
            )
        )

    async def _put_until(self, audience: Audience, company: Company, moment: float) -> None:
        """Put in broadcasts until then, whatever becomes of the calls."""
        while now() < moment:
            audience.put()
            await company.listen(PAUSE_SECONDS)

    # -- the next boot

    def _again(self, broadcast: Broadcast, walks: Mapping[str, Walk]) -> tuple[bool, str]:
        """Boot once more, and have everybody back; return whether it got ready, and why not."""
        boot = self.boot
        variation = Variation(exercise=Exercise("broadcasts"))
        successor = Boot(boot.contract, boot.keeper, variation, cores=boot.cores, before=boot.edge, peers=boot.peers)
        successor.beside = boot  # the same secrets; and the steps before the boot have been taken
        boot.followed_by(successor)
        with successor:
            ready = successor.until_ready()
            if ready and successor.using is not None:
                using, hears = successor.using, successor.recorder
                guests = replace(self.guests, line=using.line, values=using.values, means=using.means, hears=hears)
                asyncio.run(self._back(guests, broadcast, walks))
        return ready, successor.trace.why_unready()

    async def _back(self, guests: Guests, broadcast: Broadcast, walks: Mapping[str, Walk]) -> None:
        """Have all of them connect again, those whom it does not know any more after another journey."""
        company = Company(Deadline.after(WALK_SECONDS + 3 * CONNECT_SECONDS, "after the restart"))
        for walk in walks.values():
            walk.values.base = guests.values.base
        audience = Audience(guests, broadcast, "again")
        await company.join(seated(audience, walks, guests.socket.journey), CONNECT_SECONDS)
        await company.listen(SETTLE_SECONDS)
        if any(each.listener.how for each in audience.seats):
            audience = Audience(guests, broadcast, "again")
            anew = await asyncio.to_thread(guests.walks, users(broadcast, guests.socket.journey), company.deadline)
            if {*walks} <= {*anew}:
                await company.join(seated(audience, anew, guests.socket.journey), CONNECT_SECONDS)
                await company.listen(SETTLE_SECONDS)
        await put(audience, BACK, company)
        await company.listen(STRAY_SECONDS)
        audience.record()
        await company.leave()
