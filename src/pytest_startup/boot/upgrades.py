"""Upgrades at a high rate: many handshakes in one moment, again and again, and somebody who comes afterwards."""

from __future__ import annotations

import asyncio
import math
import resource
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_startup.boot.counting import count
from pytest_startup.boot.exchanges import exchange
from pytest_startup.boot.guests import CONNECT_SECONDS, SETTLE_SECONDS, Guests
from pytest_startup.boot.listeners import Company
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.upgrades import Upgrades
from pytest_startup.events.connected import UPGRADES, ServedAfterwards, UpgradesTried

HOLD_SECONDS = 0.3
"""How long the sockets of a round stay: one which is accepted must not be closed at once."""

SECONDS_PER_USER = 0.5
OUR_FILES = 200
"""Files which this process has open anyway, at most."""

LAST = f"{UPGRADES}: who comes afterwards"


def seconds(upgrades: Upgrades) -> float:
    """Return how long all of it takes at most."""
    users = math.ceil(upgrades.at_once / upgrades.per_user)
    return upgrades.rounds * (upgrades.max_seconds + 1.0) + SECONDS_PER_USER * users + 4 * CONNECT_SECONDS


@dataclass(frozen=True, slots=True)
class Storm:
    """The exercise of one boot."""

    guests: Guests
    upgrades: Upgrades

    def everything(self, deadline: Deadline) -> None:
        """Have as many users as it takes make their journey, and all of them come in one moment."""
        wanted, journey = self.upgrades.at_once, self.guests.socket.journey
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < wanted + OUR_FILES:
            reason = f"this process may not open {wanted} sockets at once (ulimit -n)"
            self.guests.missing(UPGRADES, "", reason)
            return
        names = [f"{UPGRADES}: user {number + 1}" for number in range(math.ceil(wanted / self.upgrades.per_user))]
        walks = self.guests.walks(dict.fromkeys([*names, LAST], journey), deadline) if journey is not None else {}
        if {*names, LAST} <= walks.keys():
            asyncio.run(self._storm(walks, deadline))
        else:
            self.guests.missing(UPGRADES, "", f"only {len(walks)} of {len(names) + 1} users could make the journey")

    async def _storm(self, walks: Mapping[str, Walk], deadline: Deadline) -> None:
        last, others = walks[LAST], [walk for name, walk in walks.items() if name != LAST]
        counted = await count(self.guests, others[0], "before")
        for number in range(1, self.upgrades.rounds + 1):
            await self._round(number, others, Company(deadline))
        await count(self.guests, others[0], "after", lambda found: found <= counted)
        await self._afterwards(last, Company(deadline))

    async def _round(self, number: int, walks: list[Walk], company: Company) -> None:
        wanted = self.upgrades.at_once
        sockets = [self.guests.listener(walks[each % len(walks)]) for each in range(wanted)]
        began = now()
        await company.join(sockets, self.upgrades.max_seconds)
        await company.listen(HOLD_SECONDS)
        answers = Counter(each.how or "kept" for each in sockets)
        longest = max((each.opened or each.ended) - began for each in sockets)
        await company.leave()
        if not company.deadline.expired:
            at = self.guests.recorder.elapsed()
            tried = UpgradesTried(at=at, round=number, wanted=wanted, answers=dict(answers), longest=longest)
            self.guests.recorder.add(tried)

    async def _afterwards(self, walk: Walk, company: Company) -> None:
        """Have somebody connect who was not among them, and be served."""
        began, listener, alive = now(), self.guests.listener(walk), self.guests.socket.alive
        await company.join([listener], CONNECT_SECONDS)
        await company.listen(SETTLE_SECONDS)
        problem = listener.how
        if not problem and alive is not None:
            _, problem = await exchange(company, listener, walk, alive)
        took = now() - began
        await company.leave()
        if not company.deadline.expired:
            at = self.guests.recorder.elapsed()
            self.guests.recorder.add(ServedAfterwards(at=at, seconds=took, problem=problem))
