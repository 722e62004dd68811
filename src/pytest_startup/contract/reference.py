"""The reference of all keys: `python -m pytest_startup.contract.reference PAGE` renews it in a Markdown page.

A page holds `<!-- keys: launch -->` ... `<!-- end -->`; what stands between them is replaced.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.buffering import Buffer, Confirm
from pytest_startup.contract.chat import AsyncApi, Chat, ChatSocket, ExpectedEvent, Pair
from pytest_startup.contract.components import Component
from pytest_startup.contract.connections import Factory
from pytest_startup.contract.connections import Limit as ConnectionLimit
from pytest_startup.contract.containers import Container
from pytest_startup.contract.deliveries import Delivery
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.failing import Failure
from pytest_startup.contract.grace import Grace
from pytest_startup.contract.hardening import Headers
from pytest_startup.contract.health import Probe, ReadinessProbe
from pytest_startup.contract.heartbeat import Heartbeat
from pytest_startup.contract.journeys import Disturbance, Journey, Step
from pytest_startup.contract.latency import FrameLatency, TurnLatency
from pytest_startup.contract.launch import Launch
from pytest_startup.contract.limiting import Limit
from pytest_startup.contract.model import Budgets, Contract
from pytest_startup.contract.phases import Phase, Startup
from pytest_startup.contract.profiles import Profile
from pytest_startup.contract.reconnect import Backoff, Reconnect, Resume
from pytest_startup.contract.security import Asked, Cors, Scope, Token
from pytest_startup.contract.services import REPLY, Outcome, Pool, Report, Schema, Service
from pytest_startup.contract.slots import MISSING, Key, Slot, slots_of
from pytest_startup.contract.sockets import SocketClient
from pytest_startup.contract.spoofing import Spoof
from pytest_startup.contract.tables import default_of
from pytest_startup.contract.traffic import Traffic
from pytest_startup.contract.upgrades import Upgrades
from pytest_startup.contract.websocket import WebSocket

TABLES: Mapping[str, type] = {
    "contract": Contract,
    "launch": Launch,
    "startup": Startup,
    "phases": Phase,
    "components": Component,
    "grace": Grace,
    "services": Service,
    "outcome": Outcome,
    "pool": Pool,
    "failure": Failure,
    "report": Report,
    "schema": Schema,
    "container": Container,
    "liveness": Probe,
    "readiness": ReadinessProbe,
    "traffic": Traffic,
    "tokens": Token,
    "scope": Scope,
    "asked": Asked,
    "limits": Limit,
    "cors": Cors,
    "headers": Headers,
    "profiles": Profile,
    "journeys": Journey,
    "steps": Step,
    "disturbance": Disturbance,
    "deliveries": Delivery,
    "socket": SocketClient,
    "chat": Chat,
    "chat_socket": ChatSocket,
    "events": ExpectedEvent,
    "asyncapi": AsyncApi,
    "pairs": Pair,
    "websocket": WebSocket,
    "exchange": Exchange,
    "heartbeat": Heartbeat,
    "broadcasts": Broadcast,
    "upgrades": Upgrades,
    "frame_latency": FrameLatency,
    "turn_latency": TurnLatency,
    "factory": Factory,
    "connection_limit": ConnectionLimit,
    "spoof": Spoof,
    "reconnect": Reconnect,
    "resume": Resume,
    "backoff": Backoff,
    "buffer": Buffer,
    "confirm": Confirm,
    "budgets": Budgets,
}

_BLOCK = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = "| key | must be | default | meaning |\n|---|---|---|---|\n"


def renewed(page: str) -> str:
    """Return a page with its tables of keys as they are now; raises `KeyError` for an unknown table."""
    return _BLOCK.sub(lambda block: f"{block[1]}{keys(block[2])}{block[3]}", page)


def keys(table: str) -> str:
    """Return the keys of a table as a Markdown table."""
    slots: list[Slot] = [REPLY] if table == "replies" else [slot for _, slot in slots_of(TABLES[table])]
    return _HEAD + "".join(f"| {' | '.join(map(_cell, row))} |\n" for slot in slots for row in _rows(slot))


def _rows(slot: Slot) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(slot, Key):
        yield _row(slot, _default(slot))
        return
    beside, shown = slot.beside(), set[str]()
    for at, option in enumerate(slot.options):
        yield _row(option.lead, "*exactly one*")
        later = {each.name for further in slot.options[at + 1 :] for each in further.beside}
        for each in option.beside:  # a key which stands beside several comes after the last of them
            if each.name not in later | shown:
                shown.add(each.name)
                yield _row(each, f"with {', '.join(f'`{lead}`' for lead in beside[each.name])}")


def _row(key: Key, default: str) -> tuple[str, str, str, str]:
    return f"`{key.name}`", key.kind.words, default, key.doc


def _default(key: Key) -> str:
    if key.default is MISSING:
        return "*required*"
    value = default_of(key)
    return "" if value is None else f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Renew the pages that are named."""
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
