"""Messages which are no good, as they are made of those that are understood."""

from __future__ import annotations

from pytest_startup.contract.payloads import payloads
from pytest_startup.contract.reader import parse

HEAD = """
[launch]
target = "main:app"
[[journeys]]
name = "login"
steps = [{ post = "/login" }]
"""
SOCKET = HEAD + '[websocket]\njourney = "login"\nsocket = "/ws"\n'
ROUTES = """
[[websocket.routes]]
say = { type = "ask", text = "{nonce}", count = 1, list = ["a"] }
receive = {}
[[websocket.routes]]
say = { type = "ping" }
receive = {}
"""
ALWAYS = ["not-json", "empty", "number", "text", "array", "null", "no-keys", "binary", "deep"]


def names(toml: str) -> list[str]:
    """Return the names of all that is made of a contract."""
    return [each.name for each in payloads(parse(toml))]


def test_no_socket():
    """Without a socket there is nothing to send."""
    assert [] == names(HEAD)


def test_any_socket():
    """Some messages are no good anywhere."""
    assert ALWAYS == names(SOCKET)


def test_declared():
    """Texts are sent as they are, and anything else as JSON."""
    toml = SOCKET + 'bad = ["{nonce}", { type = 7 }]\n'
    assert ["{nonce}", '{"type": 7}'] == [each.raw for each in payloads(parse(toml))][len(ALWAYS) :]


def test_made_of_routes():
    """Each key is given a value of another type; the type is left out, and unknown; each name comes once."""
    found = names(SOCKET + ROUTES)[len(ALWAYS) :]
    assert [
        "no-type",
        "unknown-type",
        *("type-null", "type-number", "type-array", "type-long"),
        *("text-null", "text-number", "text-array", "text-long", "text-nul", "text-surrogate"),
        *("count-null", "count-array", "count-long"),
        *("list-null", "list-number", "list-long"),
    ] == found


def test_wrong_for_all():
    """What has no type that is known is wrong; another value than usual may be understood."""
    wrong = {each.name: each.wrong for each in payloads(parse(SOCKET + ROUTES))}
    assert (True, True, False) == (wrong["no-type"], wrong["type-null"], wrong["text-null"])


def test_chat():
    """The question of the chat comes first, by the key that its type has there."""
    toml = HEAD + '[chat]\njourney = "login"\nsocket = "/ws"\nask = { kind = "ask", text = "{nonce}" }\n'
    toml += 'events = ["answer"]\ntype = "kind"\n[websocket]\n'
    assert ["no-type", "unknown-type", "kind-null"] == names(toml)[len(ALWAYS) :][:3]
