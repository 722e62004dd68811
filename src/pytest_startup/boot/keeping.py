"""What is kept for a user who is away: more than can be kept, and what comes again until it is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot.expected import same
from pytest_startup.boot.messages import Inbox, Messages
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.traveller import NOTICE_SECONDS, Traveller
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import document_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.buffering import Buffer, Confirm
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.reconnect import ID
from pytest_startup.events.returning import BufferOverflowed, ReturnConfirmed, ReturnFailed

BEYOND = 0.2
"""So many more messages, of those that are kept, are put in; and `BEYOND_LEAST` at least."""

BEYOND_LEAST = 5

HIGH = (2, 4)
"""The messages which have priority: among the first, so that they would be the first to go."""

ANOTHER = 3
"""Messages for another user."""


@dataclass(slots=True)
class Overflowing:
    """Puts in more for one user than is kept, and a little for another; both are away, and come back."""

    recorder: Recorder
    buffer: Buffer
    messages: Messages
    seconds: float

    def try_(self, flooded: Traveller, other: Traveller, deadline: Deadline) -> None:
        """Try it."""
        users = {"the flooded": flooded, "the other": other}
        for user in users.values():
            user.connect(deadline)
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "two users")
        for user in users.values():
            user.lose("closed", deadline)
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "the loss of two connections")
        many = self.buffer.size + max(BEYOND_LEAST, int(self.buffer.size * BEYOND))
        refused = {
            "the other": self._put("the other", other, range(1, ANOTHER), (), deadline),
            "the flooded": self._put("the flooded", flooded, range(1, many + 1), self._high(), deadline),
        }
        refused["the other"] |= self._put("the other", other, [ANOTHER], (), deadline)
        for name, user in users.items():
            self._return(name, user, refused[name], deadline)

    def _high(self) -> Sequence[int]:
        return HIGH if self.buffer.put_high is not None else ()

    def _put(
        self, name: str, user: Traveller, numbers: Iterable[int], high: Sequence[int], deadline: Deadline
    ) -> dict[int, str]:
        """Put messages in, and return what each raised, by number."""
        refused: dict[int, str] = {}
        for number in numbers:
            place = self.buffer.put_high if number in high else self.buffer.put
            assert place is not None  # noqa: S101 - there are none of high priority without it
            refused[number] = self.messages.put(place, name, number, user.walk.values, deadline)
        return refused

    def _return(self, name: str, user: Traveller, refused: dict[int, str], deadline: Deadline) -> None:
        inbox, told = Inbox(self.messages, name), 0
        taken = tuple(number for number, why in refused.items() if not why)
        limit, wanted = deadline.within(self.seconds), min(len(taken), self.buffer.size)
        frames = user.until_quiet(limit, lambda: len(inbox.numbers) >= wanted)
        for frame in frames if not user.come_back(deadline) else ():
            if not inbox.take(frame) and self.buffer.told is not None:
                told += same(dict(self.buffer.told), document_of(frame))
        if not deadline.expired:
            self.recorder.add(
                BufferOverflowed(
                    at=self.recorder.elapsed(),
                    flooded=name == "the flooded",
                    put=taken,
                    high=tuple(number for number in taken if name == "the flooded" and number in self._high()),
                    refused=tuple(dict.fromkeys(why for why in refused.values() if why)),
                    came=tuple(inbox.numbers),
                    told=told,
                )
            )


@dataclass(slots=True)
class Confirming:
    """Two users get messages which they confirm, or not, and come back again and again."""

    recorder: Recorder
    confirm: Confirm
    messages: Messages

    def try_(self, first: Traveller, second: Traveller, deadline: Deadline) -> None:
        """Try it: the second user confirms at once, the first one after two returns, one message after the other."""
        one, two = Recipient(self, "the first", first), Recipient(self, "the second", second)
        for each in (one, two):
            each.user.connect(deadline, plain=True)
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "two users")
        for each, numbers in ((one, (1, 2)), (two, (1,))):
            for number in numbers:
                self._put(each, number, deadline)
            each.listen(deadline)
        two.answer(1, deadline)
        for each in (one, two):
            each.come_back(deadline)
        one.come_back(deadline)
        one.answer(1, deadline)
        one.come_back(deadline)
        one.answer(2, deadline)
        one.come_back(deadline)

    def _put(self, each: Recipient, number: int, deadline: Deadline) -> None:
        why = self.messages.put(self.confirm.put, each.name, number, each.user.walk.values, deadline)
        if why:
            failed = ReturnFailed(at=self.recorder.elapsed(), part="confirm", user=each.name, problem=f"raised {why}")
            self.recorder.add(failed)
        else:
            each.open.append(number)


class Recipient:
    """One who gets messages: which are still `open`, which are `confirmed`."""

    def __init__(self, confirming: Confirming, name: str, user: Traveller) -> None:
        """Begin with no message."""
        self.name, self.user = name, user
        self.open: list[int] = []
        self.confirmed: list[int] = []
        self._all, self._round = confirming, 0
        self._ids: dict[int, JsonValue] = {}

    def listen(self, deadline: Deadline, *, there: bool = True) -> None:
        """Take what comes, and put it on record; nothing comes to who is not `there`."""
        inbox = Inbox(self._all.messages, self.name)
        limit = deadline.within(self._all.confirm.max_seconds)
        frames = self.user.until_quiet(limit, lambda: set(self.open) <= set(inbox.numbers))
        for frame in frames if there else ():
            known = len(inbox.numbers)
            if inbox.take(frame):
                for number in inbox.numbers[known:]:
                    with suppress(LookupError):
                        self._ids[number] = look(document_of(frame), self._all.confirm.id)
        if not deadline.expired:
            self._all.recorder.add(
                ReturnConfirmed(
                    at=self._all.recorder.elapsed(),
                    user=self.name,
                    round=self._round,
                    open=tuple(self.open),
                    confirmed=tuple(self.confirmed),
                    came=tuple(inbox.numbers),
                )
            )
        self._round += 1

    def answer(self, number: int, deadline: Deadline) -> None:
        """Confirm a message; one that has not come cannot be."""
        if self.user.connected and number in self._ids and number in self.open:
            values = self.user.walk.values.within(**{ID: self._ids[number]})
            with suppress(ConnectionError):  # it is seen at the return
                self.user.say(values.filled(self._all.confirm.say), deadline)
            self.open.remove(number)
            self.confirmed.append(number)

    def come_back(self, deadline: Deadline) -> None:
        """Lose the connection, come back, and see what comes."""
        self._all.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "a frame")
        if self.user.connected:
            self.user.lose("closed", deadline)
        self._all.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "the loss of a connection")
        self.listen(deadline, there=not self.user.come_back(deadline, plain=True))
