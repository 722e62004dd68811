"""What an AsyncAPI document says of a chat: where it is, and what the frames must be which its server sends."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pytest_startup.contract import event_schemas
from pytest_startup.contract.asyncapi import Document, Unusable
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.reader import read

HEAD = """
[launch]
target = "app:app"
[[journeys]]
name = "login"
steps = [{ post = "/login", capture = { user_id = "id" } }]
[chat]
journey = "login"
ask = { text = "{nonce}" }
events = ["began", "ended"]
"""
Json = dict[str, Any]


def message(kind: str, **properties: Json) -> Json:
    """Return a message whose payload says this type."""
    told = {"type": {"const": kind}, **properties}
    return {"payload": {"type": "object", "required": list(told), "properties": told}}


def document(messages: Json, operations: Json | None = None, **more: Any) -> Json:  # noqa: ANN401 - of a document
    """Return a document with one channel, which has these messages."""
    channels = {"chat": {"address": "ws/chat", "messages": messages}}
    return {"asyncapi": "3.0.0", "channels": channels, "operations": operations or {}, **more}


BOTH = {"one": message("began"), "two": message("ended", n={"type": "integer"})}


def chat_of(directory: Path, described: Json | str, toml: str = 'asyncapi = "api.json"') -> Chat:
    """Return the chat of a contract beside which a document lies."""
    text = described if isinstance(described, str) else json.dumps(described)
    (directory / ("api.yaml" if "api.yaml" in toml else "api.json")).write_text(text)
    (directory / "startup.toml").write_text(HEAD + toml)
    chat = read(directory / "startup.toml").chat
    assert chat is not None
    return chat


def keeps(chat: Chat, kind: str, frame: Json) -> bool:
    """Whether a frame is what the schema of its type says."""
    schema = chat.schema(kind)
    assert schema is not None
    return schema.validator().is_valid({"type": kind, **frame})


def refused(directory: Path, described: Json | str, toml: str = 'asyncapi = "api.json"') -> str:
    """Return what is said of a contract beside which this document lies."""
    with pytest.raises(ContractError) as caught:
        chat_of(directory, described, toml)
    return "; ".join(str(each).partition(": ")[2] for each in caught.value.mistakes)


def test_channel(tmp_path: Path):
    """The only channel is where a user connects, and the types of its messages are those of the events."""
    chat = chat_of(tmp_path, document(BOTH))
    assert "/ws/chat" == chat.socket.path
    assert keeps(chat, "began", {})
    assert keeps(chat, "ended", {"n": 1, "more": 2})
    assert not keeps(chat, "ended", {"n": "1"})
    assert not keeps(chat, "ended", {})


def test_socket_of_its_own(tmp_path: Path):
    """The path of the contract counts where it says one; the rest of a socket may be said without it."""
    (tmp_path / "a").mkdir()
    assert "/own" == chat_of(tmp_path, document(BOTH), 'asyncapi = "api.json"\nsocket = "/own"').socket.path
    told = chat_of(tmp_path / "a", document(BOTH), 'asyncapi = "api.json"\nsocket.query = { id = "{user_id}" }').socket
    assert ("/ws/chat", {"id": "{user_id}"}) == (told.path, told.query)


def test_several_channels(tmp_path: Path):
    """Where there are several channels the contract names one, and is told which there are."""
    described = document({"x": message("other")})
    described["channels"]["talk"] = {"address": "/talk", "messages": BOTH}
    chat = chat_of(tmp_path, described, 'asyncapi = { file = "api.json", channel = "talk" }')
    assert "/talk" == chat.socket.path
    assert keeps(chat, "began", {})
    assert "does not say which channel; the document has chat, talk" in refused(tmp_path, described)
    named = refused(tmp_path, described, 'asyncapi = { file = "api.json", channel = "tolk" }')
    assert "has no channel tolk; it has chat, talk; name one of them" in named


def test_who_sends(tmp_path: Path):
    """What the application receives is no event of the chat, even if it has the type of one."""
    there = {"out": message("began"), "in": message("ended", n={"type": "integer"})}
    channel = {"$ref": "#/channels/chat"}
    operations = {
        "answer": {"action": "send", "channel": channel, "messages": [{"$ref": "#/channels/chat/messages/out"}]},
        "ask": {"action": "receive", "channel": channel},
        "elsewhere": {"action": "send", "channel": {"$ref": "#/channels/other"}},
    }
    chat = chat_of(tmp_path, document(there, operations))
    assert chat.schema("began") is not None
    assert chat.schema("ended") is None
    operations["answer"].pop("messages")
    assert chat_of(tmp_path, document(there, operations)).schema("ended") is not None


REFERRED = document(
    {"began": {"$ref": "#/components/messages/b~1egan"}, "ended": {"name": "ended", "payload": {"required": ["x"]}}},
    components={
        "messages": {"b/egan": {"payload": {"$ref": "#/components/schemas/began"}}},
        "schemas": {
            "began": {"allOf": [{"$ref": "#/components/schemas/all"}, {"properties": {"type": {"enum": ["began"]}}}]},
            "all": {
                "properties": {"n": {"$ref": "#/components/schemas/n"}, "next": {"$ref": "#/components/schemas/all"}}
            },
            "n": {"type": "integer"},
        },
    },
)


def test_references(tmp_path: Path):
    """References lead through the whole document, also in a circle; who has no type in a payload has a name."""
    chat = chat_of(tmp_path, REFERRED)
    assert keeps(chat, "began", {"n": 1, "next": {"n": 2, "next": {}}})
    assert not keeps(chat, "began", {"n": 1, "next": {"n": 2, "next": {"n": "3"}}})
    assert not keeps(chat, "ended", {})
    assert keeps(chat, "ended", {"x": 1})


OTHERS: dict[str, tuple[Json, str, dict[str, tuple[Json, bool]]]] = {
    "by its key": ({"began": {"payload": {"required": ["a"]}}}, "", {"began": ({"a": 1}, True)}),
    "branches": (
        {"all": {"payload": {"oneOf": [message("began", a={"type": "null"})["payload"], message("ended")["payload"]]}}},
        "",
        {"began": ({"a": 1}, False), "ended": ({}, True)},
    ),
    "one of several": (
        {"x": message("began", a={"type": "integer"}), "y": message("began", a={"type": "null"})},
        "",
        {"began": ({"a": "1"}, False)},
    ),
    "deep": (
        {"x": {"payload": {"properties": {"data": {"properties": {"kind": {"const": "began"}}}}, "required": ["a"]}}},
        'type = "data.kind"',
        {"began": ({}, False)},
    ),
    "a format": (
        {
            "began": {
                "payload": {"schemaFormat": "application/schema+json;version=draft-07", "schema": {"required": ["a"]}}
            }
        },
        "",
        {"began": ({}, False)},
    ),
    "in an array": (
        {"x": {"payload": {"type": "array", "items": [{"const": "began"}, {"type": "integer"}]}}},
        'type = "0"',
        {},
    ),
}


@pytest.mark.parametrize(("messages", "toml", "frames"), OTHERS.values(), ids=OTHERS)
def test_other_ways(tmp_path: Path, messages: Json, toml: str, frames: dict[str, tuple[Json, bool]]):
    """A type is said in many ways, and so is what a frame must be."""
    chat = chat_of(tmp_path, document(messages), f'asyncapi = "api.json"\n{toml}')
    assert chat.schema("began") is not None
    for kind, (frame, good) in frames.items():
        assert keeps(chat, kind, frame) is good


def test_schema_of_its_own(tmp_path: Path):
    """What the contract says of an event counts before the document; it may be a file of its own."""
    (tmp_path / "began.json").write_text('{"required": ["own"]}')
    toml = 'asyncapi = "api.json"'
    chat = chat_of(tmp_path, document(BOTH), toml)
    assert keeps(chat, "began", {})
    text = (tmp_path / "startup.toml").read_text().replace('["began"', '[{ type = "began", schema = "began.json" }')
    (tmp_path / "startup.toml").write_text(text)
    own = read(tmp_path / "startup.toml").chat
    assert own is not None
    assert not keeps(own, "began", {})
    assert keeps(own, "ended", {"n": 1})


def test_yaml(tmp_path: Path):
    """A document may be YAML, whose dates and keys are as JSON has them."""
    text = """
asyncapi: 3.0.0
channels:
  chat:
    address: /ws
    messages:
      began: { payload: { properties: { on: { const: 2026-11-27 }, 1: { type: string } } } }
"""
    chat = chat_of(tmp_path, text, 'asyncapi = "api.yaml"')
    assert keeps(chat, "began", {"on": "2026-11-27", "1": "x"})
    assert not keeps(chat, "began", {"on": "2026-11-28"})
    assert not keeps(chat, "began", {"1": 1})


WRONG: dict[str, tuple[Json | str, str]] = {
    "of version 2": ({"asyncapi": "2.6.0"}, "is of AsyncAPI 2.6.0, and 3 is needed; convert it"),
    "none": ({"openapi": "3.1.0"}, "is no AsyncAPI document: it does not say asyncapi"),
    "no JSON": ("{", "is not JSON: "),
    "no channel": ({"asyncapi": "3.0.0"}, "does not say which channel; the document has none"),
    "a reference to nowhere": (
        document({"began": {"$ref": "#/components/messages/began"}}),
        "has a reference which leads nowhere: #/components/messages/began; mend the document",
    ),
    "a reference to the network": (
        document({"began": {"payload": {"properties": {"a": {"$ref": "https://example.com/a.json"}}}}}),
        "has a reference which leads nowhere: https://example.com/a.json",
    ),
    "a reference to itself": (
        document({"began": {"$ref": "#/channels/chat/messages/began"}}),
        "has a reference which leads nowhere: #/channels/chat/messages/began",
    ),
    "no schema": (
        document({"began": {"payload": {"type": "strin"}}}), "is no JSON Schema: type: 'strin' is not valid under any"
    ),
    "about something else": (
        document({"x": message("other")}),
        "describes none of the events of the chat (began, ended); its types are other; name the channel",
    ),
    "without an address": (
        {"asyncapi": "3.0.0", "channels": {"chat": {"messages": BOTH}}},
        "chat.socket: is missing; the address of the channel is not in the document",
    ),
    "with parameters": (
        {"asyncapi": "3.0.0", "channels": {"chat": {"address": "/ws/{room}", "messages": BOTH}}},
        "chat.socket: is missing; the address of the channel has parameters; write socket",
    ),
    "by formats that are no JSON Schema": (
        document({"began": {"payload": {"schemaFormat": "application/vnd.apache.avro", "schema": {}}}}),
        "describes none of the events of the chat (began, ended); its types are none",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("described", "said"), WRONG.values(), ids=WRONG)
def test_wrong_documents(tmp_path: Path, described: Json | str, said: str):
    """A document by which nothing could be judged is a mistake of the contract, with what would mend it."""
    assert said in refused(tmp_path, described)


def test_not_yaml(tmp_path: Path):
    """A file which is no YAML is told as such."""
    assert "is not YAML: " in refused(tmp_path, "a: [", 'asyncapi = "api.yaml"')


@pytest.mark.parametrize(
    ("library", "toml", "said"),
    [
        ("jsonschema", 'asyncapi = "api.json"', "chat.asyncapi: needs jsonschema, which is not installed; pip install"),
        (
            "yaml",
            'asyncapi = "api.yaml"',
            'is YAML, and pyyaml is not installed; pip install "pytest-startup[schema]", or',
        ),
    ],
)
def test_without_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, toml: str, said: str):
    """Who declares schemas without what judges them is told what to install."""
    monkeypatch.setattr(event_schemas, "find_spec", lambda name: None if name == library else find_spec(name))
    assert said in refused(tmp_path, document(BOTH), toml)


def test_types_that_are_no_texts():
    """The types of frames may be numbers; they are written as JSON writes them."""
    payload = {"properties": {"op": {"enum": [1, True]}}}
    found = Document(document({"x": {"payload": payload}}), "op").channel("chat")
    assert ["1", "true"] == list(found.schemas)
    with pytest.raises(Unusable):
        Document([], "type")
    assert "jsonschema" in sys.modules
