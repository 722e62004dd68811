"""The frames of one user which may have to be sent, or sent again."""

import time
from dataclasses import dataclass, field

from agent_chat.frames import HIGH, Frame

KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame, and the moment (monotonic) since which it is kept."""

    frame: Frame
    since: float = field(default_factory=time.monotonic)


class Buffer:
    """What waits for a user who is not there, and what was sent lately: `size` frames each, for `KEPT_SECONDS`.

    Where there are more, the oldest of the lowest priority goes. `dropped`: how many went which nobody ever saw.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.dropped = 0
        self._waiting: dict[int, Kept] = {}
        self._sent: dict[int, Kept] = {}

    def __len__(self) -> int:
        """Return how many frames are kept, waiting ones and sent ones."""
        return len(self._waiting) + len(self._sent)

    def keep(self, frame: Frame) -> None:
        """Have a frame wait, unless it was sent after all."""
        if frame["id"] in self._sent:
            return
        self._waiting[frame["id"]] = Kept(frame)
        self.dropped += self._make_room(self._waiting)

    def sent(self, frame: Frame) -> None:
        """Note that a frame went out; it is kept until its user confirms it."""
        self._waiting.pop(frame["id"], None)
        self._sent[frame["id"]] = Kept(frame)
        self._make_room(self._sent)

    def confirm(self, last: int) -> None:
        """Forget every frame up to this id: its user has it."""
        for frames in (self._waiting, self._sent):
            for number in [each for each in frames if each <= last]:
                del frames[number]

    def missed(self, after: int | None) -> list[Frame]:
        """Return what to send to a user who comes (back), by id: all after the one that they name as their last.

        Where they name none, what was never sent. A notice to be confirmed is among them until it is.
        """
        self.forget_old()
        frames = [kept.frame for kept in self._waiting.values() if after is None or kept.frame["id"] > after]
        frames += [kept.frame for kept in self._sent.values() if _is_wanted_again(kept.frame, after)]
        return sorted(frames, key=_number)

    def forget_old(self) -> None:
        """Drop what has been kept for too long."""
        oldest = time.monotonic() - KEPT_SECONDS
        for frames in (self._waiting, self._sent):
            for number in [each for each, kept in frames.items() if kept.since < oldest]:
                del frames[number]

    def _make_room(self, frames: dict[int, Kept]) -> int:
        """Drop what is too much; return how many frames that was."""
        too_many = max(0, len(frames) - self.size)
        for _ in range(too_many):
            del frames[min(frames, key=lambda number: _rank(frames[number].frame))]
        return too_many


def _number(frame: Frame) -> int:
    number: int = frame["id"]
    return number


def _rank(frame: Frame) -> tuple[bool, int]:
    """Return by what frames go where there is no room for all: the lowest first."""
    return frame.get("priority") == HIGH, _number(frame)


def _is_wanted_again(frame: Frame, after: int | None) -> bool:
    return bool(frame.get("confirm")) or (after is not None and _number(frame) > after)
