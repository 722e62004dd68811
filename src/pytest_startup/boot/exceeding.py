"""Asking more often than a limit allows, and once more as somebody else.

A limit may be counted in fixed windows (up to twice as many around the end of one), as a bucket that is refilled all
the time, or to the last request. What all of them agree on is judged; and where a window may have ended meanwhile,
another user tries again.
"""

from __future__ import annotations

import http.client
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from threading import Lock

from pytest_startup.boot import asking
from pytest_startup.boot.flooding import Flooding
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Outgoing
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import AGENT, connection_to, read_body, send, silence, target_of
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.model import Contract, Limit
from pytest_startup.contract.security import Asked
from pytest_startup.events.guarded import LIMITS_WALKER, LimitReached, NotTried

AT_ONCE = 4
BEYOND = 3
"""Requests beyond the limit, all of which must be refused."""

ATTEMPTS = 2


@dataclass(slots=True)
class Burst:
    """One request made over and over, on some connections at once; `answers` counts what came back."""

    request: Outgoing
    answers: Counter[str] = field(default_factory=Counter)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def make(self, times: int, deadline: Deadline) -> None:
        """Make it some times more."""
        numbers = count()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="startup-limits") as pool:
            for done in [pool.submit(self._some, numbers, times, deadline) for _ in range(AT_ONCE)]:
                done.result()

    def _some(self, numbers: Iterator[int], times: int, deadline: Deadline) -> None:
        connection = connection_to(self.request.url, self.request.seconds)
        try:
            while not deadline.expired and next(numbers) < times:
                self._one(connection)
        finally:
            connection.close()

    def _one(self, connection: http.client.HTTPConnection) -> None:
        limit = Deadline.after(self.request.seconds, self.request.url)
        headers = {"User-Agent": AGENT, **self.request.headers}
        told: Mapping[str, str] = {}
        try:
            connection.request(self.request.method, target_of(self.request.url), self.request.body, headers)
            response = connection.getresponse()
            read_body(response, connection, limit)
            answer, told = str(response.status), {name.lower(): value for name, value in response.getheaders()}
            if not response.isclosed():
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            answer = silence(error)
        with self._lock:
            self.answers[answer] += 1
            self.headers.append({**told, ":status": answer})


@dataclass(frozen=True, slots=True)
class Exceeding:
    """Reaches the limits of one boot, and records what happens there."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means

    def all(self, deadline: Deadline) -> None:
        """Reach every limit; whoever is needed has made their journeys before the first one is."""
        limits = self.contract.limits
        users = {limit.name: (self._user(limit, deadline), self._user(limit, deadline)) for limit in limits}
        for limit in limits:
            user, bystander = users[limit.name]
            if user is None or bystander is None:
                at, reason = self.recorder.elapsed(), f"the journey {limit.journey} failed"
                self.recorder.add(NotTried(at=at, sort="limit", name=limit.name, reason=reason))
            elif isinstance(limit.way, Spoken):
                newcomer = partial(self._user, limit, deadline)
                Flooding(self.recorder, limit, limit.way, newcomer).reach(user, bystander, deadline)
            else:
                self._reach(limit, limit.way, user, bystander, deadline)

    def _user(self, limit: Limit, deadline: Deadline) -> Walk | None:
        """Return somebody who has made the journey, or has none to make; None when they failed."""
        if limit.journey is None:
            return Walk((), self.values)
        walker = Walker(self.recorder, self.values, LIMITS_WALKER, self.means)
        return walker.walk(limit.journey, self.contract.journey(limit.journey).steps, deadline)

    def _reach(self, limit: Limit, asked: Asked, user: Walk, bystander: Walk, deadline: Deadline) -> None:
        """Let one user after the other reach the limit, until one is kept within it."""
        for attempt in range(1, ATTEMPTS + 1):
            pair = self._request(asked, user), self._request(asked, bystander)
            event = self._attempt(limit, pair, attempt, deadline)
            if deadline.expired:
                return
            self.recorder.add(event)
            another = self._user(limit, deadline) if event.refused < BEYOND and attempt < ATTEMPTS else None
            if another is None:
                return
            user = another

    def _attempt(self, limit: Limit, pair: tuple[Outgoing, Outgoing], attempt: int, deadline: Deadline) -> LimitReached:
        """Make the first request over and over, and then the second one, which is a bystander's."""
        began = now()
        burst = Burst(pair[0])
        within = self._within(limit)
        burst.make(within, deadline)
        refusals = {str(each) for each in limit.status}
        early = sum(burst.answers[each] for each in refusals)
        refilled = math.ceil(limit.allowed * (now() - began) / limit.seconds)
        burst.make(limit.allowed - within + refilled + BEYOND, deadline)
        _catch_up(burst, limit, began, deadline)
        seconds = now() - began
        refused = [told for told in burst.headers if told[":status"] in refusals]
        other = send(pair[1], deadline).said if limit.per == "user" else ""
        return LimitReached(
            at=self.recorder.elapsed(),
            limit=limit.name,
            attempt=attempt,
            seconds=seconds,
            within=within,
            early=early,
            sent=burst.answers.total(),
            beyond=BEYOND,
            answers=self._masked(burst.answers),
            refused=len(refused),
            dated=sum(usable(told.get("retry-after", "")) for told in refused),
            other=self.recorder.mask(other),
        )

    def _within(self, limit: Limit) -> int:
        """Return how many requests are served whatever else counts; of an address, that is more than we know."""
        steps = len(self.contract.journey(limit.journey).steps) if limit.journey is not None else 0
        return max(0, limit.allowed - steps) if limit.per == "user" else 0

    def _request(self, asked: Asked, user: Walk) -> Outgoing:
        """Return the request as this user makes it; what is secret in it is known from now on."""
        url = asking.request(asked, user.values).url
        request = asking.request(asked, user.values, more=user.cookies(url))
        self.recorder.keep_secret(asking.secrets_of(request))
        return request

    def _masked(self, answers: Mapping[str, int]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for answer, times in answers.items():
            found[self.recorder.mask(answer)] += times
        return dict(found)


def _catch_up(burst: Burst, limit: Limit, began: float, deadline: Deadline) -> None:
    """Go on while nothing is refused: what a bucket has been refilled with meanwhile is allowed as well."""
    refusals = {str(each) for each in limit.status}
    while not deadline.expired and not refusals & burst.answers.keys():
        elapsed = now() - began
        due = math.ceil(limit.allowed * (1 + elapsed / limit.seconds)) + BEYOND - burst.answers.total()
        if due <= 0 or elapsed >= limit.seconds:
            return
        burst.make(due, deadline)


def usable(text: str) -> bool:
    """Whether a Retry-After says when: seconds, or a date (RFC 9110, 10.2.3)."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 (few answers have a date)

    if text.strip().isdigit():
        return True
    try:
        return parsedate_to_datetime(text) is not None
    except ValueError:
        return False
