"""Many turns of the chat at once: one event loop, one connection to a user, each judged by an engine of its own.

All of them connect first, and are greeted where the server speaks first; then they ask in the same moment. One process
holds a thousand users: nothing is done to a frame but to take it apart and to judge it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from pytest_startup.boot.dialogue import Closed
from pytest_startup.boot.inquiries import refusal
from pytest_startup.boot.outgoing import Answer, Question, Talk
from pytest_startup.boot.packets import dialogue_of
from pytest_startup.boot.requests import send, silence
from pytest_startup.chat.conversation import Conversation
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.mistakes import ContractError

CONNECT_SECONDS = 5.0
"""How long all of them may take to connect; and `CONNECT_SECONDS_EACH` more for each one."""

CONNECT_SECONDS_EACH = 0.02

AFTER_SECONDS = 0.2
"""How long the sockets are watched when all turns are over: nothing may come after their ends."""

TICK_SECONDS = 0.1
"""How often it is looked at who has waited for too long."""

LEAVE_SECONDS = 0.2


class Member(asyncio.Protocol):
    """One user of the crowd. `changed` is called when it is ready to ask, and when its turn is over."""

    def __init__(self, talk: Talk, changed: Callable[[], None]) -> None:
        """Prepare to connect."""
        self.talk = talk
        self.turn = Conversation(talk.chat, talk.nonce, talk.earlier)
        self.began = 0.0
        self.connected = self.settled = False
        self._changed = changed
        self._dialogue = dialogue_of(talk.upgrade)
        self._transport: asyncio.Transport | None = None

    async def connect(self) -> None:
        """Connect; the handshake is still to come."""
        loop, dialogue = asyncio.get_running_loop(), self._dialogue
        secure = ssl.create_default_context() if dialogue.secure else None
        try:
            await loop.create_connection(lambda: self, dialogue.host, dialogue.port, ssl=secure)
        except OSError as error:
            self.give_up(f"no socket: {silence(error)}")

    @property
    def ready(self) -> bool:
        """Whether it could ask."""
        return self.connected and self.turn.ready

    def ask(self) -> Question | None:
        """Ask; return the question when it is asked by a request, which is still to be sent."""
        try:
            question = self.talk.question(self.turn.captured)
        except ContractError as error:
            self.give_up(str(error))
            return None
        self.began = now()
        self.turn.asked(question.fields, self.began)
        with suppress(Closed):  # which is told as soon as it is noticed
            for frame in question.frames:
                self._dialogue.say(frame)
        self._flush()
        return question if question.request is not None else None

    def answered(self, question: Question, answer: Answer) -> None:
        """Take the answer to a request with the question."""
        refused = refusal(question, answer)
        if refused is not None:
            self.turn.refused(*refused, self._elapsed(now()))
            self._settle()

    def give_up(self, why: str) -> None:
        """Note that nothing more can come."""
        self.turn.broken(why, self._elapsed(now()))
        self._settle()

    def look_at_the_clock(self) -> None:
        """Note that the next event is overdue, if it is."""
        self.turn.silence(self._elapsed(now()))
        self._settle()

    def leave(self) -> None:
        """Say goodbye."""
        if self._transport is not None and not self._transport.is_closing():
            self._dialogue.leave()
            self._flush()
            self._transport.close()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Judge what comes."""
        at = self._elapsed(now())
        try:
            frames = self._dialogue.hear(data)
        except ConnectionError as error:
            self.give_up(f"no socket: {silence(error)}")
            return
        if not self.connected and self._dialogue.accepted:
            self._join()
            at = 0.0
        for frame in frames:
            self.turn.feed(frame, at)
            if not self.turn.is_asked and self.turn.ready:
                self._changed()
        self._flush()
        if self._dialogue.ended:
            self.turn.broken(f"the socket was {self._dialogue.closed()}", at)
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more can come."""
        del exc
        with suppress(ConnectionError):
            self._dialogue.hear(b"")
        self.give_up(f"the socket was {self._dialogue.closed()}")

    # --

    def _join(self) -> None:
        self.connected, self.began = True, now()
        for frame in self.talk.upgrade.first:
            self._dialogue.say(frame)
        self._changed()

    def _settle(self) -> None:
        if not self.settled and (self.turn.over or self.turn.divergence is not None):
            self.settled = True
            self._changed()

    def _elapsed(self, moment: float) -> float:
        return moment - self.began if self.began else 0.0

    def _flush(self) -> None:
        parts = self._dialogue.outgoing()
        if parts and self._transport is not None:
            self._transport.write(b"".join(parts))


class Crowd:
    """Many users who ask at once. It has its own event loop while it runs; call it in a thread without one."""

    def __init__(self, talks: Sequence[Talk]) -> None:
        """Prepare a user for each of these turns."""
        self.members = [Member(talk, self._changed) for talk in talks]
        self.finished: list[tuple[int, Member]] = []
        self.began = 0.0
        self._any_change: asyncio.Event | None = None
        self._pool: ThreadPoolExecutor | None = None

    def run(self, deadline: Deadline) -> None:
        """Have all turns, and leave; `finished` are those which ended or went wrong in time, with their places.

        The others were cut short by our own deadline, which is no fault of theirs.
        """
        try:
            asyncio.run(self._run(deadline))
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, deadline: Deadline) -> None:
        self._any_change = asyncio.Event()
        await self._connect(deadline)
        self.began = now()
        for member in self.members:
            if member.ready and not member.settled:
                self._ask(member, deadline)
        while not deadline.expired and not all(member.settled for member in self.members):
            await self._change()
            for member in self.members:
                if not member.settled:
                    member.look_at_the_clock()
        self.finished = [(place, member) for place, member in enumerate(self.members) if member.settled]
        await asyncio.sleep(min(AFTER_SECONDS, deadline.remaining()))
        for member in self.members:
            member.leave()
        await asyncio.sleep(LEAVE_SECONDS)

    async def _connect(self, deadline: Deadline) -> None:
        seconds = min(CONNECT_SECONDS + CONNECT_SECONDS_EACH * len(self.members), deadline.remaining())
        limit = Deadline.after(seconds, "connecting")
        connecting = [asyncio.ensure_future(member.connect()) for member in self.members]
        while not limit.expired and not all(member.connected or member.settled for member in self.members):
            await self._change()
        for task in connecting:
            task.cancel()
        if deadline.expired:
            return
        for member in self.members:
            if not member.connected:
                member.give_up(f"no socket within {seconds:g} s")
        while not deadline.expired and not all(member.ready or member.settled for member in self.members):
            await self._change()
            for member in self.members:
                if not member.ready:
                    member.look_at_the_clock()

    def _ask(self, member: Member, deadline: Deadline) -> None:
        """Have a user ask; a request has a thread of its own, as its answer may come after all events."""
        question = member.ask()
        if question is None or question.request is None:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(self.members), thread_name_prefix="startup-crowd")
        loop = asyncio.get_running_loop()

        def tell(future: Future[Answer]) -> None:
            with suppress(RuntimeError):  # nobody waits for it any more
                if not future.cancelled():
                    loop.call_soon_threadsafe(member.answered, question, future.result())

        self._pool.submit(send, question.request, deadline).add_done_callback(tell)

    async def _change(self) -> None:
        """Wait until anything has changed, at most a tick; changes of the same moment are one."""
        assert self._any_change is not None  # noqa: S101
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await self._any_change.wait()
                await asyncio.sleep(TICK_SECONDS / 10)
        self._any_change.clear()

    def _changed(self) -> None:
        if self._any_change is not None:
            self._any_change.set()
