"""Whether what `[websocket]` says of many connections can be tried: what no table can know alone.

It looks at the raw tables, as `agreement` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_startup.contract import broadcasts, heartbeat, latency, raw
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot

OWN = ("heartbeat", "broadcasts")
"""The keys of `[websocket]` in which places stand, whose braces need not be templates."""


class Templated(NamedTuple):
    """A value in which templates may stand, or a place (`called`) which hands them on; and who has walked before."""

    value: object
    spot: Spot
    journey: object
    called: bool = False


def templated(contract: Raw, spot: Spot) -> Iterator[Templated]:
    """Yield what holds templates in heartbeat and broadcasts."""
    socket, here, journey = _socket(contract), spot / "websocket", _journey(contract)
    beats = raw.table(socket.get("heartbeat"))
    for name in ("frame", "answer"):
        yield Templated(beats.get(name), here / "heartbeat" / name, journey)
    client = socket.get("socket", raw.table(contract.get("chat")).get("socket"))
    for index, each in raw.items(socket.get("broadcasts")):
        broadcast, there = raw.table(each), here / "broadcasts" / index
        yield Templated(broadcast.get("put"), there / "put", None, called=True)
        for place, walked in raw.items(broadcast.get("journeys")):
            yield Templated(client, there / "journeys" / place, walked)


def check(contract: Raw, spot: Spot) -> None:
    """Note what could not be tried, or never hold."""
    socket, here = _socket(contract), spot / "websocket"
    if "heartbeat" in socket:
        heartbeat.check(raw.table(socket["heartbeat"]), here / "heartbeat")
    for index, each in raw.items(socket.get("broadcasts")):
        broadcasts.check(raw.table(each), _journey(contract), here / "broadcasts" / index)
    if "latency" in socket:
        latency.check(socket, raw.table(socket["latency"]), here / "latency")


def captured(journey: object, left_behind: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the names which a journey leaves behind, none without one; None where it is not declared."""
    return () if journey is None else left_behind.get(str(journey))


def _socket(contract: Raw) -> Raw:
    return raw.table(contract.get("websocket"))


def _journey(contract: Raw) -> object:
    return _socket(contract).get("journey", raw.table(contract.get("chat")).get("journey"))
