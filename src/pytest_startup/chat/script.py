"""The sequence of a turn: which types may come next, after those that have come.

It is a small automaton. An event which is repeated stays where it is; neighbours which are all repeated are one block,
in which they come in any mixture. As optional events make more than one place possible, all of them are followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pytest_startup.contract.chat import ExpectedEvent


@dataclass(frozen=True, slots=True)
class Block:
    """One event, or repeated neighbours in any mixture; `needed` are the types without which it is not over.

    `within` is in how many seconds each type must come, None for those which have no time of their own.
    """

    types: tuple[str, ...]
    needed: frozenset[str]
    repeated: bool
    within: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A block, by its number (-1: before the first one), and the types which have come in it."""

    block: int
    seen: frozenset[str] = frozenset()


Positions = frozenset[Position]

START: Positions = frozenset({Position(-1)})
"""Where every turn begins."""


@dataclass(frozen=True, slots=True)
class Script:
    """The blocks of a turn."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, events: Iterable[ExpectedEvent]) -> Script:
        """Return the script of these events."""
        return cls(tuple(block for _, group in groupby(events, _kind) for block in _blocks(list(group))))

    def after(self, positions: Iterable[Position], kind: str) -> frozenset[Position]:
        """Return where a turn may be after an event of this type; nowhere when it cannot come."""
        return frozenset(found for position in positions for found in self._after(position, kind))

    def expected(self, positions: Iterable[Position]) -> list[str]:
        """Return the types which may come next, in the order of the script; those which must come first."""
        blocks = sorted({index for position in positions for index in self._reachable(position)})
        types = [(kind not in self.blocks[index].needed, kind) for index in blocks for kind in self.blocks[index].types]
        seen = frozenset.intersection(*(position.seen for position in positions)) if positions else frozenset()
        return list(dict.fromkeys(kind for _, kind in sorted(types, key=lambda each: each[0] or each[1] in seen)))

    def times(self, positions: Iterable[Position]) -> dict[str, tuple[float | None, ...]]:
        """Return the types which may come next, and in how many seconds; several where they stand at several places."""
        found: dict[str, tuple[float | None, ...]] = {}
        for index in {index for position in positions for index in self._reachable(position)}:
            for kind, seconds in zip(self.blocks[index].types, self.blocks[index].within, strict=True):
                found[kind] = (*found.get(kind, ()), seconds)
        return found

    def _after(self, position: Position, kind: str) -> Iterator[Position]:
        for index in self._reachable(position):
            if kind in self.blocks[index].types:
                stays = index == position.block
                yield Position(index, position.seen | {kind} if stays else frozenset({kind}))

    def _reachable(self, position: Position) -> Iterator[int]:
        """Yield the blocks of which an event may come next."""
        if position.block >= 0:
            here = self.blocks[position.block]
            if here.repeated:
                yield position.block
            if not here.needed <= position.seen:
                return
        for index in range(position.block + 1, len(self.blocks)):
            yield index
            if self.blocks[index].needed:
                return


class Route:
    """A script, and the ways through it which have been found so far: all turns of a chat share them."""

    def __init__(self, events: Iterable[ExpectedEvent]) -> None:
        """Begin with a script nobody has gone through."""
        self.script = Script.of(events)
        self._after: dict[tuple[Positions, str], Positions] = {}
        self._known: dict[Positions, Positions] = {START: START}
        self._times: dict[Positions, dict[str, tuple[float | None, ...]]] = {}
        self._any: dict[Positions, tuple[float | None, ...]] = {}

    def after(self, positions: Positions, kind: str) -> Positions:
        """Return where a turn may be after an event of this type; nowhere when it cannot come."""
        found = self._after.get((positions, kind))
        if found is None:
            found = self.script.after(positions, kind)
            found = self._after[positions, kind] = self._known.setdefault(found, found)  # same ones compare at once
        return found

    def times(self, positions: Positions, kind: str = "") -> tuple[float | None, ...]:
        """Return in how many seconds an event of this type, or any, must come which may be next."""
        if positions not in self._times:
            times = self._times[positions] = self.script.times(positions)
            self._any[positions] = tuple(each for found in times.values() for each in found)
        return self._times[positions].get(kind, ()) if kind else self._any[positions]


def _kind(event: ExpectedEvent) -> bool:
    return event.repeated


def _blocks(events: Sequence[ExpectedEvent]) -> Iterator[Block]:
    """Yield a block for each single event, or one for all which are repeated."""
    groups = [events] if events[0].repeated else [[event] for event in events]
    for group in groups:
        needed = frozenset(event.type for event in group if not event.optional)
        within = tuple(event.within for event in group)
        yield Block(tuple(event.type for event in group), needed, group[0].repeated, within)
