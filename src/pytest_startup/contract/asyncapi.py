"""AsyncAPI 3 documents: the channel of a chat, and what the frames must be which the server sends over it.

A message is found by the type which its payload says at `chat.type`: a `const`, or an `enum`; else by its name, or its
key. Who sends it is said from the application's view: `send` is what the server sends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_startup.contract.event_schemas import DOCUMENT, EventSchema
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.reading import listed

FORMATS = ("asyncapi", "schema+json", "schema+yaml")
"""What is in the name of each format that is a JSON Schema; by others (Avro, Protobuf) nothing can be judged here."""


class Unusable(ValueError):
    """A document does not say what is wanted of it; `fix` says what would help."""

    def __init__(self, problem: str, fix: str) -> None:
        """Take the `problem` and the `fix`."""
        super().__init__(problem)
        self.problem, self.fix = problem, fix


@dataclass(frozen=True, slots=True)
class Channel:
    """The address of a channel (None where it is not known), and type -> schema of what the server sends there."""

    address: str | None
    schemas: Mapping[str, EventSchema]


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the document, and the pointer to it."""

    pointer: str
    value: Any

    def get(self, name: str) -> Place:
        """Return a part of it; nothing (None) where it has none."""
        steps = name.replace("~", "~0").replace("/", "~1")
        found = self.value.get(name) if isinstance(self.value, Mapping) else None
        return Place(f"{self.pointer}/{steps}", found)

    def each(self) -> Iterator[tuple[str, Place]]:
        """Yield key (of an array: index) and part."""
        if isinstance(self.value, Mapping):
            yield from ((str(name), self.get(name)) for name in self.value)
        elif isinstance(self.value, list):
            yield from ((str(at), Place(f"{self.pointer}/{at}", item)) for at, item in enumerate(self.value))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document, and the dotted path of the type in a frame."""

    value: JsonValue
    type: str
    _resolver: Any = field(init=False)

    def __post_init__(self) -> None:
        """Check that it is what it must be; raises `Unusable`."""
        from referencing import Registry  # noqa: PLC0415 (a run without schemas does not pay for it)
        from referencing.jsonschema import DRAFT7  # noqa: PLC0415 (as above)

        version = self.value.get("asyncapi") if isinstance(self.value, dict) else None
        if version is None:
            raise Unusable("is no AsyncAPI document: it does not say asyncapi", "name one which says asyncapi: 3.0.0")
        if not str(version).startswith("3."):
            raise Unusable(f"is of AsyncAPI {version}, and 3 is needed", "convert it: asyncapi convert FILE -t 3.0.0")
        registry: Any = Registry()
        registry = registry.with_resource(DOCUMENT, DRAFT7.create_resource(self.value))
        object.__setattr__(self, "_resolver", registry.resolver(DOCUMENT))

    def channel(self, name: str) -> Channel:
        """Return the channel of this key, or the only one; raises `Unusable`."""
        channels = dict(Place("", self.value).get("channels").each())
        if not name and len(channels) != 1:
            problem = f"does not say which channel; the document has {listed(channels)}"
            raise Unusable(problem, f'write channel = "{next(iter(channels), "NAME")}"')
        name = name or next(iter(channels))
        if name not in channels:
            raise Unusable(f"has no channel {name}; it has {listed(channels)}", "name one of them")
        found = self._followed(channels[name])
        address = found.get("address").value
        messages = list(self._sent(found, Place("", self.value).get("channels").get(name).pointer))
        return Channel(address if isinstance(address, str) else None, self._schemas(messages))

    def _sent(self, channel: Place, pointer: str) -> Iterator[tuple[str, Place]]:
        """Yield key and message of all that the application sends on a channel; without operations, of all."""
        messages = {name: self._followed(each) for name, each in channel.get("messages").each()}
        operations = [self._followed(each) for _, each in Place("", self.value).get("operations").each()]
        here = [each for each in operations if _reference(each.get("channel")) in {pointer, channel.pointer}]
        if not here:
            yield from messages.items()
        for operation in here:
            if operation.get("action").value != "send":
                continue
            named = [each for _, each in operation.get("messages").each()]
            for each in named:
                yield _reference(each).rpartition("/")[2] or "message", self._followed(each)
            if operation.get("messages").value is None:
                yield from messages.items()

    def _schemas(self, messages: list[tuple[str, Place]]) -> dict[str, EventSchema]:
        """Return type -> schema; where several messages have one type, any of theirs."""
        found: dict[str, dict[str, None]] = {}
        for key, message in messages:
            payload = self._followed(message.get("payload"))
            if payload.get("schemaFormat").value is not None and payload.get("schema").value is not None:
                if not any(each in str(payload.get("schemaFormat").value) for each in FORMATS):
                    continue
                payload = self._followed(payload.get("schema"))
            if payload.value is None:
                continue
            name = message.get("name").value
            types = dict(self._types(payload)) or {str(name or key): payload.pointer}
            for kind, pointer in types.items():
                found.setdefault(kind, {})[pointer] = None
        return {kind: self._schema(list(pointers)) for kind, pointers in found.items()}

    def _schema(self, pointers: list[str]) -> EventSchema:
        schemas: list[JsonValue] = [{"$ref": f"{DOCUMENT}#{pointer}"} for pointer in pointers]
        found = EventSchema(schemas[0] if len(schemas) == 1 else {"anyOf": schemas}, self.value)
        problem = found.problem()
        if problem:
            raise Unusable(problem, "mend the document; references may lead within it only")
        return found

    # -- the type of a message

    def _types(self, payload: Place) -> Iterator[tuple[str, str]]:
        """Yield the types which a payload may be of, and the pointer to what says so; of branches, each its own."""
        own = list(self._said(payload, self.type.split(".")))
        yield from ((kind, payload.pointer) for kind in own)
        if not own:
            for word in ("oneOf", "anyOf"):
                for _, branch in payload.get(word).each():
                    yield from self._types(self._followed(branch))

    def _said(self, schema: Place, path: list[str]) -> Iterator[str]:
        """Yield what may stand at a path, by const and enum."""
        if not path:
            one = isinstance(schema.value, Mapping) and "const" in schema.value
            values = [schema.get("const").value] if one else schema.get("enum").value or []
            yield from (each if isinstance(each, str) else json.dumps(each) for each in values)
            return
        inner = schema.get("properties").get(path[0])
        if inner.value is None and path[0].isdigit():
            items = schema.get("items").value
            inner = Place(f"{schema.pointer}/items/{path[0]}", _at(items, int(path[0])))
        if inner.value is not None:
            yield from self._said(self._followed(inner), path[1:])
        for _, part in schema.get("allOf").each():
            yield from self._said(self._followed(part), path)

    # -- references

    def _followed(self, place: Place) -> Place:
        """Return where the references lead which begin here; raises `Unusable` for one which leads nowhere."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 (as above)

        seen: set[str] = set()
        while isinstance(place.value, Mapping) and isinstance(place.value.get("$ref"), str):
            reference = place.value["$ref"]
            try:
                found = self._resolver.lookup(reference)
            except Unresolvable:
                found = None
            if found is None or reference in seen or not reference.startswith("#"):
                problem = f"has a reference which leads nowhere: {reference}"
                raise Unusable(problem, "mend the document; references may lead within it only")
            seen.add(reference)
            place = Place(reference[1:], found.contents)
        return place


def _reference(place: Place) -> str:
    """Return the pointer that stands in a place as a reference; empty where none does."""
    found = place.get("$ref").value
    return found.removeprefix("#") if isinstance(found, str) else ""


def _at(items: object, index: int) -> Any:  # noqa: ANN401 (JSON)
    return items[index] if isinstance(items, list) and index < len(items) else None
