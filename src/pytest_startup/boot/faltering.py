"""A service which falters, by the schedule of a chaos, and is well again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from pytest_startup.boot.conduct import CHUNK, Conduct, Link
from pytest_startup.boot.schedule import LATENCY, Episode
from pytest_startup.clock import now

SLICE = 1024
"""Bytes which come at a time where the rate is limited."""


@dataclass(slots=True)
class Course:
    """How far a schedule has come. `told(episode)` is called as each strikes; once `calm`, nothing strikes any more.

    It is only used within the loop of one tap, but for `calm`.
    """

    episodes: Sequence[Episode]
    told: Callable[[Episode], None]
    calm: bool = False
    _next: int = 0
    _answers: int = 0
    _acting: Episode | None = None
    _until: float = 0.0
    _chance: random.Random = field(default_factory=random.Random)

    @property
    def acting(self) -> Episode | None:
        """The episode which goes on at this moment."""
        if self.calm or now() >= self._until:
            return None
        return self._acting

    @property
    def left(self) -> float:
        """The seconds until the end of the episode which goes on."""
        return 0.0 if self.calm else max(0.0, self._until - now())

    def answer(self) -> Episode | None:
        """Take it that an answer is about to come; return the episode which it meets, if any."""
        if self.calm or (going := self.acting) is not None:
            return None if self.calm else going
        if self._next == len(self.episodes):
            return None
        coming = self.episodes[self._next]
        if self._answers < coming.skipped:
            self._answers += 1
            return None
        self._next, self._answers = self._next + 1, 0
        self._acting, self._until = coming, now() + coming.seconds
        self._chance = random.Random(coming.seed)  # noqa: S311 - it has to be the same each time
        self.told(coming)
        return coming

    def latency(self) -> float:
        """Return by how many seconds an answer comes later in an episode of jitter."""
        return self._chance.uniform(*LATENCY)


@dataclass(frozen=True, slots=True)
class Faltering(Conduct):
    """Slow, narrow, silent, breaking connections, refusing them (by a reset): whatever the schedule says, in turn."""

    course: Course

    async def treat(self, link: Link) -> None:
        """Forward, unless it is a moment of refusing."""
        acting = self.course.acting
        if acting is not None and acting.way == "refuse":
            link.felt()
            raise ConnectionResetError
        await link.forward(answers=partial(self._answer, link))

    async def _answer(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            episode = self.course.answer()
            if episode is not None:
                link.felt()
                data = await self._meet(episode, link, writer, data)
            await link.give(writer, data)
        if writer.can_write_eof():
            writer.write_eof()

    async def _meet(self, episode: Episode, link: Link, writer: asyncio.StreamWriter, data: bytes) -> bytes:
        """Do with a part of an answer what the episode does; return what of it is left to be given."""
        match episode.way:
            case "jitter":
                await asyncio.sleep(self.course.latency())
            case "silence":
                await asyncio.sleep(self.course.left)
            case "narrow":
                while len(data) > SLICE and not self.course.calm:
                    await link.give(writer, data[:SLICE])
                    data = data[SLICE:]
                    await asyncio.sleep(SLICE / episode.rate)
                await asyncio.sleep(len(data) / episode.rate)
            case "cut":
                await link.give(writer, data[: len(data) // 2])
                raise ConnectionResetError
            case _:
                raise ConnectionResetError
        return data
