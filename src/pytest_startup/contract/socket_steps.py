"""What one step of a journey does with a WebSocket of its own, which stays open until it is left or the walk ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.slots import Key, Option, slots_of
from pytest_startup.contract.socket_words import CLOSE_CODES, FRAMES, LEAVING, REFUSALS, Frame
from pytest_startup.contract.sockets import SocketClient

RESET = 0
"""What `leave` says in the place of a code, to go without a word."""


@dataclass(frozen=True, slots=True)
class Connect:
    """How a socket is opened, which later steps know by its `name`; `refused` says by what it must not be.

    `ignored` are frames which may come at any time. A refusal below 1000 is the status of the upgrade, else a code.
    """

    client: SocketClient
    name: str = ""
    refused: tuple[int, ...] = ()
    ignored: tuple[Frame, ...] = field(default=(), hash=False)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.client.texts()
        yield from texts_of(list(self.ignored))

    def __str__(self) -> str:
        """Return where to, and what must come of it."""
        return f"connect {self.client.path}{_named(self.name)}{', to be refused' if self.refused else ''}"


@dataclass(frozen=True, slots=True)
class Say:
    """Frames which are sent: a text as it is, a table as JSON."""

    frames: tuple[Frame, ...] = field(hash=False)
    name: str = ""

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(list(self.frames))

    def __str__(self) -> str:
        """Return the frames."""
        return f"say {_shown(self.frames)}{_named(self.name)}"


@dataclass(frozen=True, slots=True)
class Receive:
    """Frames which must come, in whatever order; with `next`, before any other."""

    frames: tuple[Frame, ...] = field(hash=False)
    name: str = ""
    next: bool = False

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(list(self.frames))

    def __str__(self) -> str:
        """Return the frames."""
        return f"receive {_shown(self.frames)}{_named(self.name)}"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing comes for so many seconds."""

    seconds: float
    name: str = ""

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand: none."""
        yield from ()

    def __str__(self) -> str:
        """Return how long."""
        return f"quiet for {self.seconds:g} s{_named(self.name)}"


@dataclass(frozen=True, slots=True)
class Closes:
    """The server closes the socket, with one of these codes."""

    codes: tuple[int, ...]
    name: str = ""

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand: none."""
        yield from ()

    def __str__(self) -> str:
        """Return the codes."""
        return f"closes with {' or '.join(map(str, self.codes))}{_named(self.name)}"


@dataclass(frozen=True, slots=True)
class Leave:
    """We close the socket with this code; `RESET`: the connection is torn down without a word."""

    code: int
    name: str = ""

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand: none."""
        yield from ()

    def __str__(self) -> str:
        """Return how."""
        return f"leave{_named(self.name)} {f'with {self.code}' if self.code != RESET else 'by a reset'}"


SocketStep = Connect | Say | Receive | Quiet | Closes | Leave

CONNECT = "connect"
USES = ("say", "receive", "quiet", "closes", "leave")
"""Leading keys of the steps which need a socket that is open."""

LONGEST = 100
"""Characters of a frame which a step is told by."""

ENDS = ("closes", "leave")
"""Those after which it is open no more."""

_CLIENT = tuple(each for _, each in slots_of(SocketClient) if isinstance(each, Key) and each.name != "path")
_ON = Key("on", leaves.NAME, "The name of the socket, where a journey has several.", "")


def _connect(path: str, *values: Any) -> Connect:  # noqa: ANN401 (each of its own kind)
    names = [each.name for each in _CLIENT]
    client = SocketClient(path=path, **dict(zip(names, values, strict=False)))
    return Connect(client, *values[len(names) :])


OPTIONS = (
    Option(
        Key(
            CONNECT,
            leaves.TEMPLATED_URL,
            "Open a WebSocket here, with what stands beside it; it stays open for the steps which follow. What comes "
            "of it is `{ subprotocol = ... }`, the one that was chosen.",
        ),
        (
            *_CLIENT,
            _ON,
            Key(
                "refused",
                REFUSALS,
                "Statuses of an upgrade that is denied, or codes of a socket that is closed, of which one must come.",
                (),
            ),
            Key(
                "ignored",
                FRAMES,
                "Frames which may come on this socket at any time, also where nothing may come, or another one must be "
                "the next: as in `receive`.",
                (),
            ),
        ),
        _connect,
    ),
    Option(
        Key("say", FRAMES, "The frame which is sent, a table as JSON, a text as it is; templates allowed."),
        (_ON,),
        Say,
    ),
    Option(
        Key(
            "receive",
            FRAMES,
            "The frame which must come: a table is what its JSON has at least, a text is all of it, `*` for any text; "
            "templates allowed. Of several, all must come, in whatever order. What comes before is passed over.",
        ),
        (_ON, Key("next", leaves.FLAG, "Whether it must be the next frame: nothing is passed over.", default=False)),
        Receive,
    ),
    Option(Key("quiet", leaves.SECONDS, "Seconds in which nothing may come."), (_ON,), Quiet),
    Option(
        Key("closes", CLOSE_CODES, "The code, or codes, of which the application closes the socket with one."),
        (_ON,),
        Closes,
    ),
    Option(
        Key("leave", LEAVING, "Close the socket with this code; 0: tear the connection down without a word."),
        (_ON,),
        Leave,
    ),
)


def _named(name: str) -> str:
    return f" on {name}" if name else ""


def _shown(frames: tuple[Frame, ...]) -> str:
    said = " and ".join(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in frames)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}..."
