"""Walking a journey, without input or output."""

from __future__ import annotations

import json
import re

import pytest

from pytest_startup.boot.deliveries import stranger
from pytest_startup.boot.outgoing import (
    Answer,
    Awaiting,
    Ending,
    Given,
    Leaving,
    Opening,
    Outgoing,
    Quietness,
    Saying,
    Talk,
    Upgrade,
)
from pytest_startup.boot.walk import Values, Walk, filled, secrets_in
from pytest_startup.chat import nonces
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.places import Place
from pytest_startup.contract.reader import parse
from pytest_startup.contract.templates import Address

KNOWN = {"port": "8000", "secret": {"x": "hunter2!"}, "auth": Address(protocol="auth", host="h", port=99)}
BASE = "http://127.0.0.1:8000"


def walk(steps: str) -> Walk:
    """Return the walk of a journey with these steps."""
    services = "[services.auth]\nkind = 'unavailable'\n"
    toml = f"[launch]\ntarget = 'app:app'\n{services}[[journeys]]\nname = 'a'\nsteps = [{steps}]"
    return Walk(parse(toml).journeys[0].steps, Values(KNOWN, BASE))


def sent(made: Walk) -> Outgoing:
    """Return the request of the next step."""
    request = made.errand()
    assert isinstance(request, Outgoing)
    return request


def answer(status: int, document: object = None, **headers: str) -> Answer:
    """Return an answer."""
    body = b"" if document is None else json.dumps(document).encode()
    return Answer(str(status), status, tuple((name.replace("_", "-"), text) for name, text in headers.items()), body)


def test_to_the_end():
    """Requests go out one after the other, filled with what the answers before them held."""
    made = walk(
        """{ post = "/a/{nonce}?x=1", json = { n = ["{nonce}"], p = "{secret.x}" }, capture = { id = "user.ids.1" } },
        { put = "{auth.url}/b", form = { id = "{id}", port = ":{port}" }, status = [404, 201] },
        { get = "/c", headers = { Accept = "x/{id}" }, json = { id = "{id}", text = "{id}!" } }"""
    )
    first = sent(made)
    word = re.fullmatch(rf"{BASE}/a/([0-9a-f]{{16}})\?x=1", first.url)
    assert word is not None
    assert first.method == "POST"
    assert json.loads(first.body or b"") == {"n": [word[1]], "p": "hunter2!"}
    assert made.answered(answer(204, {"user": {"ids": [6, 7]}})) == ""
    assert sent(made) == Outgoing(
        "PUT",
        "http://h:99/b",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"id=7&port=%3A8000",
        5.0,
    )
    assert made.answered(answer(201)) == ""
    last = sent(made)
    assert last.headers == {"Accept": "x/7", "Content-Type": "application/json"}
    assert json.loads(last.body or b"") == {"id": 7, "text": "7!"}
    assert made.answered(answer(200)) == ""
    assert (made.errand(), made.step) == (None, None)


def test_every_walk_has_its_own_nonce():
    """Two walks of one journey never meet."""
    assert sent(walk('{ get = "/{nonce}" }')).url != sent(walk('{ get = "/{nonce}" }')).url


WRONG = {
    "status": ('{ get = "/" }', answer(500), "a status from 200 to 299 was expected, not 500"),
    "status, with a body": ('{ get = "/", status = 404 }', answer(200, "hi"), '404 was expected, not 200: "hi"'),
    "one of two": ('{ get = "/", status = [200, 204] }', answer(201), "200 or 204 was expected, not 201"),
    "silence": ('{ get = "/" }', Answer("timeout"), "a status from 200 to 299 was expected, not timeout"),
    "not JSON": (
        '{ get = "/", capture = { a = "b" } }',
        Answer("200", 200, (), b"<html>"),
        "a cannot be taken from an answer that is not JSON",
    ),
    "not in it": (
        '{ get = "/", capture = { a = "b.c" } }',
        answer(200, {"b": {}}),
        "a cannot be taken from the answer: it has no b.c",
    ),
    "deeper than it is": (
        '{ get = "/", capture = { a = "b.c" } }',
        answer(200, {"b": 1}),
        "a cannot be taken from the answer: it has no b.c",
    ),
}


@pytest.mark.parametrize(("steps", "answered", "problem"), WRONG.values(), ids=WRONG)
def test_problems(steps: str, answered: Answer, problem: str):
    """Whatever is wrong with an answer is said in one sentence."""
    made = walk(steps)
    made.errand()
    assert made.answered(answered) == problem


@pytest.mark.parametrize("steps", ['{ post = "/login", status = 201 }', '{ post = "/login", capture = { id = "no" } }'])
def test_secrets_of_a_wrong_answer(steps: str):
    """A token in an answer which is not as it should be is to be masked as well: the problem may show it."""
    made = walk(steps)
    assert made.answered(answer(200, {"access_token": "fresh-and-good", "user": "somebody"}))
    assert made.secrets == ["fresh-and-good", "fresh-and-good"]


def test_a_wrong_answer_without_a_document():
    """There are no names of secrets in what is no JSON."""
    made = walk('{ get = "/", status = 201 }')
    assert "not 200: <p>" in made.answered(Answer("200", 200, (), b"<p>"))
    assert made.secrets == []


def test_cookies():
    """Cookies go back to the host that they came from, and to no other."""
    made = walk('{ get = "/a" }, { get = "/b" }, { get = "{auth.url}/c" }')
    assert "Cookie" not in sent(made).headers
    made.answered(answer(200, Set_Cookie="session=s3cret-value; Path=/; HttpOnly"))
    assert sent(made).headers["Cookie"] == "session=s3cret-value"
    made.answered(answer(200))
    assert "Cookie" not in sent(made).headers
    assert "s3cret-value" in made.secrets


COOKIES = {
    "sid=abc; Path=/; Secure; Partitioned": "sid=abc",
    'sid="a b\\"c"; HttpOnly': 'sid="a b\\"c"',
    "sid=a=b==; Path=/": "sid=a=b==",
    " sid = abc ": "sid=abc",
    "a[b]=1": "a[b]=1",
    "=abc": None,
    "abc": None,
}


@pytest.mark.parametrize(("text", "sent_back"), COOKIES.items(), ids=COOKIES)
def test_cookies_as_they_are(text: str, sent_back: str | None):
    """A cookie goes back as it came, whatever stands beside it."""
    made = walk('{ get = "/a" }, { get = "/b" }')
    made.answered(answer(200, Set_Cookie=text))
    assert sent(made).headers.get("Cookie") == sent_back


def test_captured_in_urls():
    """What was captured is quoted within a URL, and taken as it is where the URL begins with it."""
    made = walk(
        """{ get = "/a", capture = { id = "id", next = "next" } },
        { get = "/{id}/x?y={id}&z=%20" }, { get = "{next}" }, { get = "{auth.url}/{id}" }"""
    )
    made.answered(answer(200, {"id": "a/b ?é", "next": "http://h/p/1?q=2"}))
    assert sent(made).url == BASE + "/a%2Fb%20%3F%C3%A9/x?y=a%2Fb%20%3F%C3%A9&z=%20"
    made.answered(answer(200))
    assert sent(made).url == "http://h/p/1?q=2"
    made.answered(answer(200))
    assert sent(made).url == "http://h:99/a%2Fb%20%3F%C3%A9"


HELD = {
    "header": ({"X-Api-Key": "abc"}, {"abc"}),
    "scheme": ({"Authorization": "Bearer abc"}, {"Bearer abc", "abc"}),
    "token": ({"X-Auth-Token": "abc", "Accept": "all"}, {"abc"}),
    "deeper": ({"a": [{"password": "abc", "n": 1}, {"user": {"api-key": "def"}}]}, {"abc", "def"}),
    "not a text": ({"token": 7, "session": None}, set()),
    "no table": ("password", set()),
}


@pytest.mark.parametrize(("held", "expected"), HELD.values(), ids=HELD)
def test_secrets_in(held: object, expected: set[str]):
    """Whose name is that of a secret is one, wherever it stands."""
    assert set(secrets_in(held)) == expected


def test_a_uuid_is_no_secret():
    """The long name of a user may stand in a report, unless its own name says that it is a secret."""
    user = "256970f7-f4e9-4689-1bc3-edcc77a93ac5"
    made = walk('{ get = "/a", capture = { id = "id" } }, { get = "/a", capture = { session = "id" } }')
    made.answered(answer(200, {"id": user}))
    assert user not in made.secrets
    made.answered(answer(200, {"id": user}))
    assert user in made.secrets


def test_secrets():
    """What is sent as a password, captured as a token, or looks like one, is to be masked; the rest is not."""
    long = "e" * 30
    sent_first = 'post = "/a", json = { password = "pass-{port}", name = "joe-{port}" }'
    login = f'{{ {sent_first}, capture = {{ token = "t", id = "i", o = "o" }} }}'
    made = walk(login + ', { get = "/", headers = { Authorization = "Bearer {token}" } }')
    made.errand()
    made.answered(answer(200, {"t": "tttttt", "i": 7, "o": long}))
    made.errand()
    assert set(made.secrets) == {"pass-8000", "tttttt", long, "Bearer tttttt"}


def test_a_template_for_nothing():
    """A service which is not there in this boot is an error of the contract, told by the template."""
    made = Walk(walk('{ get = "{auth.url}/a" }')._steps, Values({}, BASE))
    with pytest.raises(ContractError, match=r"\{auth\.url\}"):
        made.errand()


def test_filled_place():
    """The texts in the arguments of calls are filled, and nothing else of a place."""
    place = Place.parse("bridge['{x}'].send('{recipient}', {'text': 'a {nonce}'}, None, n=3)").as_json()
    steps = filled(place, Values({}, BASE, {"recipient": 7, "nonce": "abc"}))["steps"]
    assert steps == [["item", "{x}"], ["attr", "send"], ["call", [7, {"text": "a abc"}, None], {"n": 3}]]


STRANGERS = {
    "256970f7-f4e9-4689-1bc3-edcc77a93ac5": "000000a0-a0a0-0000-0aa0-aaaa00a00aa0",
    "joe-42": "aaa-00",
    "0f": "0a0000",
    "7": "000000",
    "......": "......000000",
    "": "000000",
}


@pytest.mark.parametrize(("known", "shape"), STRANGERS.items(), ids=STRANGERS)
def test_stranger(known: str, shape: str):
    """Somebody who does not exist looks like somebody who does; a short name, which may exist, becomes longer."""
    found = stranger(known)
    assert re.sub("[a-z]", "a", re.sub("[0-9]", "0", found)) == shape


def test_a_stranger_is_nobody_who_was_there():
    """Of a hundred thousand names, two are taken: those two never come."""
    assert not {"10000-", "10001-"} & {stranger("10000-", "10001-") for _ in range(20_000)}
    assert "7" not in {stranger("7").lstrip("0") for _ in range(2_000)}


def test_a_strange_number():
    """Where recipients are numbers, the stranger is one too, and far away."""
    assert stranger(42) > 1_000_000


def test_turns_of_the_chat():
    """A turn has the question of the chat, filled by then, with a nonce of its own; later ones know of it."""
    toml = """
[launch]
target = "app:app"
[[journeys]]
name = "log-in"
steps = [{ post = "/login", capture = { token = "token", id = "id" } }]
[[journeys]]
name = "talk"
steps = [
    { post = "/login", capture = { token = "token", id = "id" } },
    { turn = {}, capture = { thread = "thread" } },
    { turn = { thread = "{thread}" } },
]
[chat]
journey = "log-in"
socket = { path = "/ws/{id}", query = { token = "{token}" }, first = { hello = "{nonce}" } }
ask = { text = "{nonce}?", thread = "" }
events = ["answer"]
fields = { user = "{id}" }
max_seconds = 7
"""
    made = Walk(parse(toml).journeys[1].steps, Values(KNOWN, BASE))
    sent(made)
    assert "" == made.answered(answer(200, {"token": "t0ken", "id": 7}))
    first = made.errand()
    assert isinstance(first, Talk)
    asked = first.question({})
    assert (f"{BASE}/ws/7?token=t0ken", {"user": 7}, ()) == (first.upgrade.url, asked.fields, first.earlier)
    assert {"text": f"{first.nonce}?", "thread": ""} == json.loads(asked.frames[0])
    assert [first.nonce] == nonces.within(asked.frames[0])
    assert first.nonce not in first.upgrade.first[0]
    assert first.seconds > 7
    assert "t0ken" in made.secrets
    assert "" == made.answered(Given({"thread": "t-1"}))
    second = made.errand()
    assert isinstance(second, Talk)
    assert "t-1" == json.loads(second.question({}).frames[0])["thread"]
    assert (first.nonce,) == second.earlier
    onward = made.onward([*parse(toml).journeys[1].steps, *parse(toml).journeys[1].steps[2:]]).errand()
    assert isinstance(onward, Talk)
    assert (first.nonce, second.nonce) == onward.earlier
    assert "nothing came" == made.answered(Given(failed="nothing came"))


def test_sockets_of_a_script():
    """What is done on sockets is filled by then; texts stay texts, and what is told in secret is masked."""
    made = walk(
        """{ post = "/login", capture = { token = "token", n = "n" } },
        { connect = "/ws", query = { t = "{token}" }, headers = { Origin = "{origin}" }, on = "a", FIRST },
        { say = ["{n}", { password = "geheim", n = "{n}" }], on = "a" },
        { receive = { n = "{n}" }, on = "a", next = true, capture = { id = "id" } },
        { quiet = 9, on = "a" },
        { closes = [1000, 1001], on = "a" },
        { connect = "/{id}", refused = 403 },
        { connect = "/" },
        { leave = 0 }""".replace("FIRST", 'first = ["{n}", { n = "{n}" }], ignored = "tick {n}"')
    )
    made.values.base = "http://127.0.0.1:8001"
    sent(made)
    assert "" == made.answered(answer(200, {"token": "t0ken!", "n": 7}, Set_Cookie="sid=1234567"))
    opened = made.errand()
    headers = {"Cookie": "sid=1234567", "Origin": "http://127.0.0.1:8001"}
    upgrade = Upgrade("http://127.0.0.1:8001/ws?t=t0ken%21", headers, (), ("7", '{"n": 7}'))
    assert Opening("a", upgrade, (), ("tick 7",), 5.0) == opened
    assert "" == made.answered(Given({"subprotocol": None}))
    assert Saying("a", ("7", '{"password": "geheim", "n": 7}'), 5.0) == made.errand()
    assert {"geheim", "t0ken!", "1234567"} <= set(made.secrets)
    made.answered(Given())
    assert Awaiting("a", ({"n": 7},), 5.0, next=True) == made.errand()
    assert "" == made.answered(Given({"n": 7, "id": "x"}))
    assert Quietness("a", 9.0, 10.0) == made.errand()
    made.answered(Given())
    assert Ending("a", (1000, 1001), 5.0) == made.errand()
    made.answered(Given(1000))
    refused = made.errand()
    assert isinstance(refused, Opening)
    assert (refused.upgrade.url, refused.refused) == ("http://127.0.0.1:8001/x", (403,))
    made.answered(Given(403))
    made.answered(Given())
    assert Leaving("", 0, 5.0) == made.errand()


def test_what_came_instead_is_masked():
    """A frame which was not expected may bring a token, too: whatever is called so is masked."""
    made = walk('{ connect = "/ws" }, { receive = { a = 1 } }')
    made.answered(Given())
    assert "no a" == made.answered(Given([{"token": "abcdefg"}], failed="no a"))
    assert "abcdefg" in made.secrets


STEPS = {
    "connect /ws on a": '{ connect = "/ws", on = "a" }',
    "connect /ws, to be refused": '{ connect = "/ws", refused = 403 }',
    'say x and {"a": "{nonce}"}': '{ connect = "/" }, { say = ["x", { a = "{nonce}" }] }',
    f"receive {'x' * 100}...": f'{{ connect = "/" }}, {{ receive = "{"x" * 101}" }}',
    "quiet for 0.3 s on a": '{ connect = "/", on = "a" }, { quiet = 0.3, on = "a" }',
    "closes with 1000 or 1008": '{ connect = "/" }, { closes = [1000, 1008] }',
    "leave with 1000": '{ connect = "/" }, { leave = 1000 }',
    "leave on a by a reset": '{ connect = "/", on = "a" }, { leave = 0, on = "a" }',
}


@pytest.mark.parametrize(("said", "steps"), STEPS.items(), ids=STEPS)
def test_how_a_step_is_told(said: str, steps: str):
    """A report tells a step on a socket as the contract has it."""
    assert said == str(walk(steps)._steps[-1].action)
