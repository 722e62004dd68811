"""Many users of a WebSocket at once, each with several connections: they come and go together; who is there at rest?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import Visit, Visitor, at_once, foreign, of_one_user
from pytest_startup.clock import Deadline
from pytest_startup.contract.places import Place
from pytest_startup.events.sockets import ConnectionsCounted, PartNotTried, SocketsRested

USERS, SOCKETS, ROUNDS = 6, 3, 3
"""How many users, how many sockets each of them has, and how often they all come and go."""


@dataclass(slots=True)
class Gathering:
    """The users of one gathering, and their open sockets."""

    visit: Visit
    deadline: Deadline
    _open: list[tuple[Visitor, Socket]] = field(default_factory=list)
    _lost: list[str] = field(default_factory=list)
    _base: dict[tuple[str, str], int] = field(default_factory=dict)
    _wrong: set[str] = field(default_factory=set)

    def hold(self) -> None:
        """Have all come and go, in some rounds."""
        users = self.visit.visitors[:USERS]
        each = self._each(len(users))
        if not each:
            reason = "the limit of all connections leaves none for each of several users"
            self.visit.recorder.add(PartNotTried(at=self.visit.recorder.elapsed(), part="gathering", reason=reason))
            return
        self._base = {(place.text, name): self._count(place, who)[0] for place, who, name in self._counted(users)}
        try:
            for number in range(1, ROUNDS + 1):
                self._come([user for user in users for _ in range(each)])
                self._rest(number, "all had come", users)
                self._change(users)
                self._rest(number, "some had left while others came", users)
                self._leave(self._open)
                self._rest(number, "all had left", users)
        finally:
            for _, socket in self._open:
                socket.drop()

    def _each(self, users: int) -> int:
        limit = self.visit.socket.limit
        if limit is None:
            return SOCKETS
        return min(SOCKETS, limit.connections if limit.per == "user" else limit.connections // max(1, users))

    # -- coming and going

    def _come(self, users: list[Visitor]) -> None:
        self._open += [(user, found) for user, found in zip(users, at_once(self._opened, users), strict=True) if found]

    def _opened(self, user: Visitor) -> Socket | None:
        try:
            return user.open(self.deadline)
        except (OSError, ValueError, EOFError) as error:
            self._lost.append(f"{user.name}: {silence(error)}")
            return None

    def _change(self, users: list[Visitor]) -> None:
        """Have one socket of each user leave while another one comes."""
        leaving = [next((pair for pair in self._open if pair[0] is user), None) for user in users]
        gone = [pair for pair in leaving if pair is not None]
        work: list[tuple[Visitor, Socket | None]] = [*gone, *((user, None) for user in users)]

        def move(item: tuple[Visitor, Socket | None]) -> tuple[Visitor, Socket] | None:
            user, socket = item
            if socket is not None:
                _end(socket, abruptly=user.number % 2 == 0)
                return None
            found = self._opened(user)
            return None if found is None else (user, found)

        came = [pair for pair in at_once(move, work) if pair is not None]
        self._open = [pair for pair in self._open if pair not in gone] + came

    def _leave(self, pairs: list[tuple[Visitor, Socket]]) -> None:
        at_once(lambda item: _end(item[1][1], abruptly=item[0] % 2 == 0), list(enumerate(pairs)))
        self._open = []

    # -- at rest

    def _rest(self, number: int, moment: str, users: list[Visitor]) -> None:
        for place, who, name in self._counted(users):
            if place.text not in self._wrong:
                self._look(number, moment, place, who, name)
        marks = _marks(users)
        lost, strayed = self._lost, list[str]()
        self._lost = []
        for (user, _), (problem, heard) in zip(self._open, at_once(self._see, self._open), strict=True):
            lost += [f"{user.name}: {problem}"] if problem else []
            others = {name: theirs for name, theirs in marks.items() if name != user.name}
            strayed += [f"{name}'s at {user.name}: {user.shown([text])[0]}" for text, name in foreign(heard, others)]
        if not self.deadline.expired:  # what went wrong by then is our own doing
            recorder, opened = self.visit.recorder, len(self._open)
            rested = SocketsRested(
                at=recorder.elapsed(),
                round=number,
                moment=moment,
                opened=opened,
                lost=tuple(lost),
                strayed=tuple(strayed),
            )
            recorder.add(rested)

    def _see(self, pair: tuple[Visitor, Socket]) -> tuple[str, list[str]]:
        reply = pair[0].alive(pair[1], self.deadline)
        return reply.problem, reply.heard

    def _counted(self, users: list[Visitor]) -> Iterator[tuple[Place, Visitor, str]]:
        """Yield what is counted, who asks, and of whom it is: each user alone, or all (empty)."""
        for place in self.visit.socket.connections:
            if of_one_user(place):
                yield from ((place, user, user.name) for user in users)
            else:
                yield place, users[0], ""

    def _count(self, place: Place, user: Visitor) -> tuple[int, str]:
        return self.visit.measure(user.place(place), self.deadline)

    def _look(self, number: int, moment: str, place: Place, user: Visitor, name: str) -> None:
        """Count until it is right, as long as it may take; a place which was wrong is not waited for again."""
        visit, open_now = self.visit, Counter(each.name for each, _ in self._open)
        expected = max(0, self._base[place.text, name]) + (open_now[name] if name else len(self._open))
        count, problem, seconds = visit.until(
            user.place(place), lambda found: found == expected, visit.socket.gone_within, self.deadline
        )
        if self.deadline.expired:
            return
        if problem or count != expected:
            self._wrong.add(place.text)
        visit.recorder.add(
            ConnectionsCounted(
                at=visit.recorder.elapsed(),
                place=place.text,
                round=number,
                moment=moment,
                user=name,
                expected=expected,
                count=count,
                seconds=seconds,
                problem=visit.recorder.mask(problem),
            )
        )


def _end(socket: Socket, *, abruptly: bool) -> None:
    with suppress(OSError):
        if abruptly:
            socket.drop()
        else:
            socket.close()


def _marks(users: list[Visitor]) -> Mapping[str, set[str]]:
    """Return by what each user is told from all others: what only that one has captured."""
    count = Counter(mark for user in users for mark in user.marks())
    return {user.name: {mark for mark in user.marks() if count[mark] == 1} for user in users}
