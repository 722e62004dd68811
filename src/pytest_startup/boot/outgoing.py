"""What a walk wants done, with every template filled, and what comes back: plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_startup.chat.frames import document_of
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.places import JsonValue

SHOWN = 120
"""Characters of a value that a report shows."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, ready to be sent within `seconds`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A place, as the agent reads it, to be evaluated within the application."""

    place: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL for a Postgres (empty: the only one), whose parameters are `$1`, `$2` ..."""

    service: str
    sql: str
    parameters: tuple[JsonValue, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Words:
    """A command for a Redis (empty: the only one)."""

    service: str
    words: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Listening:
    """The next message on a channel of a Redis (empty: the only one) to which somebody has subscribed by `Words`."""

    service: str
    channel: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Namespace:
    """Which namespace of Socket.IO is connected to, and by what the user is known there."""

    name: str
    auth: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """How one user connects to a socket, and the frames that come first; with a `namespace` they speak Socket.IO."""

    url: str
    headers: Mapping[str, str]
    subprotocols: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    namespace: Namespace | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: frames, or a request whose answer must have one of these `status` (none: any from 200 to 299).

    `fields` are what each event of the turn must have, by dotted path.
    """

    fields: Mapping[str, JsonValue]
    frames: tuple[str, ...] = ()
    request: Outgoing | None = None
    status: tuple[int, ...] = ()

    @property
    def said(self) -> JsonValue:
        """What is asked, as JSON: the frame, or all where there are several; of a request, its body."""
        if self.request is not None:
            return json.loads(self.request.body) if self.request.body else None
        frames = [document_of(each) or each for each in self.frames]
        return frames[0] if len(frames) == 1 else frames


@dataclass(frozen=True, slots=True)
class Talk:
    """A turn of the chat: who connects how, what is asked, and its nonce.

    `question` makes the question of what a greeting has said, by name; it raises `ContractError` for a useless
    template. `earlier` are the nonces of what the same user has asked before.
    """

    chat: Chat
    upgrade: Upgrade
    question: Callable[[Mapping[str, JsonValue]], Question]
    nonce: str
    seconds: float
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A socket to be opened, and known by a name from then on; or to be `refused`, by one of these."""

    name: str
    upgrade: Upgrade
    refused: tuple[int, ...]
    ignored: tuple[JsonValue, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Saying:
    """Frames for a socket."""

    name: str
    frames: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Frames which must come on a socket; with `next`, before any other."""

    name: str
    wanted: tuple[JsonValue, ...]
    seconds: float
    next: bool = False


@dataclass(frozen=True, slots=True)
class Quietness:
    """Nothing may come on a socket for `quiet` seconds."""

    name: str
    quiet: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Ending:
    """A socket that must be closed by the other side, with one of these codes."""

    name: str
    codes: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Leaving:
    """A socket that is closed with a code; 0: torn down."""

    name: str
    code: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Minting:
    """A token to be made: its claims and header, and the key, or the file with the key."""

    claims: Mapping[str, JsonValue]
    key: str
    key_file: Path | None
    algorithm: str
    expires_in: float
    header: Mapping[str, JsonValue]
    seconds: float


OnSocket = Opening | Saying | Awaiting | Quietness | Ending | Leaving
Errand = Outgoing | Evaluation | Statement | Words | Listening | Talk | Minting | OnSocket


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, headers and body; or, with status 0, the kind of silence in `said`."""

    said: str
    status: int = 0
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of anything but a request: a value (of a statement: all rows), or in `failed` why there is none."""

    value: JsonValue = None
    failed: str = ""
    columns: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What came of it, in short."""
        return self.failed or shown(self.value)


Result = Answer | Given


def shown(value: JsonValue) -> str:
    """Return a value as a report shows it, on one line."""
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
