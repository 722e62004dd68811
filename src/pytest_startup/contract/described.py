"""What documents say of the chat: where its channel is, and the schemas of its events.

It looks at the raw tables, as `agreement` does, and notes what is wrong with the documents where they are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_startup.contract import raw
from pytest_startup.contract.asyncapi import Channel, Document, Unusable
from pytest_startup.contract.event_schemas import EXTRA, EventSchema, Unreadable, lacking, load
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed

if TYPE_CHECKING:
    from pytest_startup.contract.chat import ExpectedEvent
    from pytest_startup.contract.model import Contract

SCRIPTS = ("greeting", "events")


@dataclass(slots=True)
class Described:
    """The schemas which events have of their own, by their table and index; and the channel of a document, if any."""

    own: dict[tuple[str, int], EventSchema] = field(default_factory=dict)
    channel: Channel | None = None


def found(contract: Raw, spot: Spot, home: Path) -> Described:
    """Return what documents say of the chat of a contract; paths begin at `home`."""
    chat, here, described = raw.table(contract.get("chat")), spot / "chat", Described()
    named = [(each, event["schema"]) for each, event in _events(chat) if "schema" in event]
    if not named and "asyncapi" not in chat:
        return described
    if lacking():
        where = here / "asyncapi" if "asyncapi" in chat else here / named[0][0][0] / named[0][0][1] / "schema"
        where.wrong(f"needs {lacking()}, which is not installed", fix=EXTRA)
        return described
    for (name, index), value in named:
        schema = _schema(value, here / name / index / "schema", home)
        if schema is not None:
            described.own[name, index] = schema
    if "asyncapi" in chat:
        described.channel = _channel(chat, here, home)
    return described


def _events(chat: Raw) -> Iterator[tuple[tuple[str, int], Raw]]:
    for name in SCRIPTS:
        for index, each in raw.items(chat.get(name)):
            yield (name, index), {"type": each} if isinstance(each, str) else raw.table(each)


def _schema(value: object, spot: Spot, home: Path) -> EventSchema | None:
    """Return the schema of an event, in a table or a file; None after noting what is wrong with it."""
    try:
        document = load(home / value) if isinstance(value, str) else value
    except Unreadable as error:
        spot.wrong(error.problem, value=value, fix=error.fix)
        return None
    if not isinstance(document, dict):
        if isinstance(value, str):
            spot.wrong("is no JSON Schema: it holds no object", value=value, fix="name the file of a schema")
        return None
    schema = EventSchema(document)
    problem = schema.problem()
    if problem:
        spot.wrong(problem, value=value, fix="mend the schema; references may lead within it only")
    return None if problem else schema


def _channel(chat: Raw, spot: Spot, home: Path) -> Channel | None:
    """Return the channel that the chat names; None after noting what is wrong with it, or with its document."""
    told = chat["asyncapi"]
    table = {"file": told} if isinstance(told, str) else raw.table(told)
    file, name = table.get("file"), table.get("channel", "")
    here = spot / "asyncapi" if isinstance(told, str) else spot / "asyncapi" / "file"
    if not isinstance(file, str) or not isinstance(name, str):
        return None  # that is the mistake
    try:
        document = Document(load(home / file), str(chat.get("type", "type")))
        channel = document.channel(name)
    except (Unreadable, Unusable) as error:
        here.wrong(error.problem, value=file, fix=error.fix)
        return None
    _check(chat, channel, spot, here)
    return channel


def _check(chat: Raw, channel: Channel, spot: Spot, here: Spot) -> None:
    """Note when a document is about something else, and when it does not say where to connect."""
    types = [str(event.get("type")) for _, event in _events(chat)]
    if types and not set(types) & set(channel.schemas):
        problem = f"describes none of the events of the chat ({listed(types)}); its types are {listed(channel.schemas)}"
        here.wrong(problem, fix="name the channel over which they come, and in chat.type where the type stands")
    said = chat.get("socket")
    if not isinstance(said, str) and not raw.table(said).get("path"):
        address = channel.address
        if address is None or "{" in address:
            unknown = "has parameters" if address else "is not in the document"
            problem = f"is missing; the address of the channel {unknown}"
            (spot / "socket").wrong(problem, fix='write socket = { path = "/ws" }')


def joined(contract: Contract, described: Described) -> Contract:
    """Return the contract with these schemas in the events of its chat, and the address of the channel."""
    chat, channel = contract.chat, described.channel
    if chat is None:
        return contract
    schemas = {} if channel is None else channel.schemas

    def judged(name: str, events: Sequence[ExpectedEvent]) -> tuple[ExpectedEvent, ...]:
        own = described.own
        return tuple(
            replace(each, judged_by=own.get((name, at)) or schemas.get(each.type)) for at, each in enumerate(events)
        )

    chat = replace(chat, greeting=judged("greeting", chat.greeting), events=judged("events", chat.events))
    if channel is not None and not chat.socket.path:
        address = channel.address or ""
        chat = replace(chat, socket=replace(chat.socket, path=f"/{address.removeprefix('/')}"))
    return replace(contract, chat=chat)
