"""What users have of an application each for themselves: a number of connections, and a manager of their own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from pytest_startup.boot.line import MEASURE_SECONDS
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import KEPT, Visit, Visitor
from pytest_startup.clock import Deadline
from pytest_startup.contract.connections import Factory, Limit
from pytest_startup.events.sockets import ConnectionsLimited, ManagersCompared, PartNotTried

WATCHED_SECONDS = 0.5
"""How long a socket that serves its user is watched for being closed again."""

TRY_AGAIN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Capacity:
    """Whether the limit of connections holds."""

    visit: Visit
    user: Visitor
    other: Visitor
    deadline: Deadline

    def try_(self, limit: Limit) -> None:
        """Open as many as somebody may have, and one more; have one leave, and open another."""
        with ExitStack() as stack:
            opened, early = list[Socket](), list[str]()
            for _ in range(limit.connections):
                answer, socket = self._open(self.user, stack, seconds=0.0)
                if socket is None:
                    early.append(answer)
                else:
                    opened.append(socket)
            beyond = self._open(self.user, stack, WATCHED_SECONDS)[0]
            lost = [problem for each in opened if (problem := self.user.lives(each, self.deadline))]
            other = self._open(self.other, stack, seconds=0.0)[0] if limit.per == "user" else ""
            again = self._again(opened, stack) if beyond != KEPT else ""
        recorder = self.visit.recorder
        if not self.deadline.expired:
            limited = ConnectionsLimited(
                at=recorder.elapsed(),
                allowed=limit.connections,
                early=tuple(early),
                beyond=beyond,
                lost=tuple(lost),
                other=other,
                again=again,
            )
            recorder.add(limited)

    def _open(self, user: Visitor, stack: ExitStack, seconds: float) -> tuple[str, Socket | None]:
        """Open a socket, and return what became of it within some seconds, and itself where it is kept."""
        try:
            opened = stack.enter_context(user.open(self.deadline))
            problem = user.lives(opened, self.deadline)
            if problem:
                return problem, None
            watch = self.deadline.within(seconds)
            while seconds:
                opened.receive(watch)
        except TimeoutError:
            return (KEPT, opened) if seconds else ("timeout", None)
        except (OSError, ValueError, EOFError) as error:
            return silence(error), None
        return KEPT, opened

    def _again(self, opened: list[Socket], stack: ExitStack) -> str:
        """Have one leave, and return what becomes of the next one."""
        if not opened:
            return ""
        opened.pop().close()
        limit = self.deadline.within(self.visit.socket.gone_within)
        while True:
            answer = self._open(self.user, stack, seconds=0.0)[0]
            if answer == KEPT or limit.expired:
                return answer
            self.visit.recorder.pause(min(TRY_AGAIN_SECONDS, max(0.01, limit.remaining())), "a place")


@dataclass(frozen=True, slots=True)
class Managers:
    """Whether each user is given a manager of their own."""

    visit: Visit
    user: Visitor
    other: Visitor
    deadline: Deadline

    def compare(self, factory: Factory) -> None:
        """Ask for the managers of two users who are connected, for one of them twice."""
        if self.visit.line is None:
            recorder, reason = self.visit.recorder, "nobody is inside the application who could compare"
            recorder.add(PartNotTried(at=recorder.elapsed(), part="factory", reason=reason))
            return
        with self.user.open(self.deadline) as mine, self.other.open(self.deadline) as theirs:
            self.user.lives(mine, self.deadline)
            self.other.lives(theirs, self.deadline)
            for path in ("", *factory.own):
                self._compare(factory, path)

    def _compare(self, factory: Factory, path: str) -> None:
        place, recorder, line = factory.below(path), self.visit.recorder, self.visit.line
        asked = [self.user.place(place), self.user.place(place), self.other.place(place)]
        reply_by = self.deadline.within(len(asked) * MEASURE_SECONDS)
        said = line.ask(reply_by, "Compared", "compare", places=asked, limit=MEASURE_SECONDS) if line else None
        if self.deadline.expired:
            return
        found = said["found"] if said else []
        problem = next((each["problem"] for each in found if each["problem"]), "")
        if not found:
            problem = "the application's process does not say"
        first, second, others = (each["number"] for each in found) if found else (0, 0, 0)
        recorder.add(
            ManagersCompared(
                at=recorder.elapsed(),
                path=path,
                type=found[0]["type"] if found else "",
                same=first == second,
                shared=others in {first, second},
                plain=any(each["plain"] for each in found),
                problem=recorder.mask(problem),
            )
        )
