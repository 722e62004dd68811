"""What the steps of a walk want done with sockets, with every template filled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_startup.boot.outgoing import Awaiting, Ending, Leaving, OnSocket, Opening, Quietness, Saying
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.socket_steps import Closes, Connect, Leave, Quiet, Receive, Say, SocketStep
from pytest_startup.contract.socket_words import Frame

if TYPE_CHECKING:
    from pytest_startup.boot.walk import Walk


def errand_of(action: SocketStep, walk: Walk, seconds: float) -> OnSocket:
    """Return what a step of a walk wants done; raises `ContractError` for a useless template."""
    match action:
        case Connect():
            upgrade, ignored = walk.upgrade(action.client), frames(action.ignored, walk)
            return Opening(action.name, upgrade, action.refused, ignored, seconds)
        case Say():
            said = frames(action.frames, walk)
            walk.tell(said)
            return Saying(action.name, tuple(map(text_of, said)), seconds)
        case Receive():
            return Awaiting(action.name, frames(action.frames, walk), seconds, action.next)
        case Quiet():
            return Quietness(action.name, action.seconds, seconds)
        case Closes():
            return Ending(action.name, action.codes, seconds)
        case Leave():
            return Leaving(action.name, action.code, seconds)


def frames(given: Sequence[Frame], walk: Walk) -> tuple[JsonValue, ...]:
    """Return frames with their templates filled; a text stays one, whatever it stands for."""
    return tuple(walk.values.text(each) if isinstance(each, str) else walk.values.filled(each) for each in given)


def text_of(frame: JsonValue) -> str:
    """Return a frame as it is sent."""
    return frame if isinstance(frame, str) else json.dumps(frame)
