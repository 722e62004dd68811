"""Steps which are no requests: a call within the application, and what is found by connections of ours."""

from __future__ import annotations

import json

import pytest

from pytest_startup.checks import journeys
from pytest_startup.events.edge import TapClosed
from pytest_startup.events.used import JourneyStepped
from pytest_startup.findings import NotCovered
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes

USE = Variation(exercise=Exercise("use"))

APPLICATION = """
    import asyncio, json, os
    from dataclasses import dataclass
    from urllib.parse import parse_qsl

    import asyncpg
    from redis.asyncio import Redis

    state, tasks = {}, set()

    @dataclass
    class Note:
        id: int
        text: str
        _private: object = None

    class Cache:
        def __init__(self, url):
            self.redis = Redis.from_url(url)  # its answers are bytes

        async def set(self, key, value, seconds):
            seconds = None if os.environ.get("FOR_EVER") else int(1000 * seconds)
            return await self.redis.set(key, value, px=seconds)

        async def get(self, key):
            return await self.redis.get(key)

        async def publish(self, channel, text):
            return await self.redis.publish(channel + os.environ.get("ASTRAY", ""), text)

        def note(self, id):
            return Note(id, "x", object())

        def fail(self):
            raise LookupError("there is no such thing")

        async def hang(self):
            await asyncio.Event().wait()

    async def insert(text):
        await asyncio.sleep(float(os.environ.get("LATER", "0")))
        if not os.environ.get("FORGETS"):
            await state["db"].execute("insert into notes(text, tags) values ($1, '{\\"a\\": [1]}')", text)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            state["db"] = await asyncpg.connect(os.environ["DATABASE_URL"])
            await state["db"].execute("create table notes(id serial, text text, tags jsonb, price numeric)")
            state["cache"] = Cache(os.environ["REDIS_URL"])
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await state["db"].close()
            await state["cache"].redis.aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
        document = {}
        if scope["path"] == "/notes":
            text = dict(parse_qsl(scope["query_string"].decode()))["text"]
            task = asyncio.create_task(insert(text))
            tasks.add(task)
            if not os.environ.get("LATER"):
                await task
            document = {"note": {"text": text, "tags": ["a", "b"]}, "count": 1, "fine": True}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})
"""

CONTRACT = """
    [launch]
    target = "app:app"
    [launch.env]
    DATABASE_URL = "{postgres.url}"
    REDIS_URL = "{redis.url}"
    %s
    [services.postgres]
    [services.redis]
    [[journeys]]
    name = "it"
    steps = [
    %s
    ]
"""

ADD = '{ post = "/notes?text={nonce}" },'
FOUND = "{ sql = \"select count(*) from notes where text = '{nonce}'\", gives = 1, max_seconds = 1 },"
CACHED = "{ call = \"app:state['cache'].set('{nonce}', 'value', 60)\", gives = true },"
BRIEF = CACHED.replace("60", "0.2")
LISTEN = '{ redis = ["subscribe", "ch-{nonce}"] },'
SPEAK = "{ call = \"app:state['cache'].publish('ch-{nonce}', '{{\\\"a\\\": 1}}')\", gives = 1, max_seconds = 0.3 },"
HEAR = '{ hears = "ch-{nonce}", gives = { a = 1 }, capture = { a = "a" }, max_seconds = 1 },'


def booted(writes: Writes, boots: Boots, steps: str, env: str = "") -> tuple[Trace, str]:
    """Boot once; return the trace and what is wrong with the journey."""
    contract = writes(APPLICATION, CONTRACT % (env, steps))
    trace = boots(contract, USE)
    verdict = journeys.completes(trace, contract, "it")
    assert not isinstance(verdict, NotCovered), verdict.reason
    return trace, verdict[0].observed if verdict else ""


ALL_KINDS = f"""
    {ADD}
    {FOUND}
    {{ sql = "select id, text, tags from notes where text like '%{{nonce}}%'", rows = 1, capture = {{ id = "id" }} }},
    {{ sql = "select text, tags from notes where id = {{id}}", gives = ["{{nonce}}", {{ a = [1] }}] }},
    {{ sql = "select id, 1.5, 2::numeric, '{{{{}}}}' from notes", gives = [["{{id}}", 1.5, 2, "{{{{}}}}"]] }},
    {{ sql = "select price from notes", nothing = true }},
    {{ sql = "select 1 from notes where text = 'it''s {{nonce}}'", nothing = true, rows = 0 }},
    {{ sql = "update notes set text = 'other' where id = '{{id}}'" }},
    {{ post = "/notes?text=b", gives = {{ note = {{ tags = ["a", "b"] }}, count = 1, fine = true }} }},
    {{ call = "app:state['cache'].note({{id}})", gives = {{ id = "{{id}}" }}, capture = {{ text = "text" }} }},
    {CACHED}
    {{ call = "app:state['cache'].get('{{nonce}}')", gives = "value" }},
    {{ redis = ["GET", "{{nonce}}"], gives = "value" }},
    {{ redis = ["EXISTS", "{{nonce}}"], gives = 1 }},
    {BRIEF}
    {{ redis = ["GET", "{{nonce}}"], nothing = true }},
    {{ call = "app:state['cache'].get('{{nonce}}')", nothing = true }},
    {LISTEN}
    {SPEAK}
    {HEAR}
    {{ redis = ["SET", "n-{{a}}", "{{text}}"] }},
    {{ redis = ["GET", "n-1"], gives = "x" }},
"""


def test_all_kinds(writes: Writes, boots: Boots):
    """What the application does is found by connections of ours, which do not count as the application's."""
    trace, wrong = booted(writes, boots, ALL_KINDS.replace("note({id})", "note('{id}')"))
    assert wrong == ""
    steps = trace.all(JourneyStepped)
    assert [each.step for each in steps] == list(range(1, len(steps) + 1))
    assert all(each.connections == 1 for each in trace.all(TapClosed))


LATER = {
    "a row that comes late": ('LATER = "0.4"', ADD + FOUND, ""),
    "a row that never comes": ('FORGETS = "1"', ADD + FOUND, "1 was expected, not 0"),
    "a row that is too many": (
        "",
        ADD + "{ sql = 'select 1 from notes', rows = 2, max_seconds = 0.2 }",
        "2 rows were expected, not 1",
    ),
    "what stays for ever": (
        'FOR_EVER = "1"',
        BRIEF + '{ redis = ["GET", "{nonce}"], nothing = true, max_seconds = 0.5 }',
        'nothing was expected, not "value"',
    ),
    "a message to another channel": (
        'ASTRAY = "-other"',
        LISTEN + SPEAK,
        "1 was expected, not 0",
    ),
    "a message that never comes": (
        "",
        LISTEN + SPEAK + '{ hears = "ch-{nonce}", gives = "b", max_seconds = 0.4 }',
        '"b" was expected, not "{',
    ),
    "no message at all": (
        "",
        LISTEN + '{ hears = "ch-{nonce}", max_seconds = 0.2 }',
        "nothing was heard on ch-",
    ),
    "an error of the database": (
        "",
        "{ sql = 'select * from nots', rows = 0, max_seconds = 0.2 }",
        'UndefinedTable: relation "nots" does not exist',
    ),
    "an error of Redis": ("", '{ redis = ["INCR", "a", "b"] }', "ResponseError: wrong number of arguments"),
    "a call that raises": (
        "",
        "{ call = \"app:state['cache'].fail()\" }",
        "raised LookupError: there is no such thing",
    ),
    "a call that hangs": (
        "",
        "{ call = \"app:state['cache'].hang()\", max_seconds = 0.3 }",
        "did not return within 0.3 s",
    ),
    "a column that is not there": (
        "",
        ADD + "{ sql = 'select id from notes', capture = { x = 'text' }, max_seconds = 0.2 }",
        "x cannot be taken from the answer: it has no text",
    ),
    "no JSON": (
        "",
        "{ redis = ['SET', 'a', 'b'] }, { redis = ['GET', 'a'], capture = { x = 'y' }, max_seconds = 0.2 }",
        "x cannot be taken from an answer that is not JSON",
    ),
    "another answer": (
        "",
        '{ post = "/notes?text=a", gives = { note = { text = "b" } } }',
        '{"note": {"text": "b"}} was expected, not {"note": {"text": "a"',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("env", "steps", "expected"), LATER.values(), ids=LATER)
def test_what_comes_of_it(writes: Writes, boots: Boots, env: str, steps: str, expected: str):
    """A question is asked again until its answer is right; what is wrong to the end is told."""
    _, wrong = booted(writes, boots, steps, env)
    assert wrong.startswith(expected) if expected else wrong == ""


def test_done_once(writes: Writes, boots: Boots):
    """A step which says nothing of what must come of it is done once, also when it goes wrong."""
    steps = '{ redis = ["INCR", "n"] }, { redis = ["GET", "n"], gives = 1 }, { redis = ["HSET", "n", "a", "b"] }'
    trace, wrong = booted(writes, boots, steps)
    assert wrong.startswith("ResponseError")
    assert ["1", '"1"'] == [each.answer for each in trace.all(JourneyStepped)][:2]


COMMAND = """
    [launch]
    command = ["{python}", "-m", "uvicorn", "app:app", "--port", "{port}"]
    [launch.env]
    DATABASE_URL = "{postgres.url}"
    REDIS_URL = "{redis.url}"
    [services.postgres]
    [services.redis]
    [[journeys]]
    name = "it"
    steps = [%s]
"""


def test_nothing_can_be_called(writes: Writes, boots: Boots):
    """Where nobody is inside the process, rows are found all the same, and a call is not judged."""
    contract = writes(APPLICATION, COMMAND % (ADD + FOUND))
    assert journeys.completes(boots(contract, USE), contract, "it") == []
    contract = writes(APPLICATION, COMMAND % (ADD + CACHED))
    verdict = journeys.completes(boots(contract, USE), contract, "it")
    assert isinstance(verdict, NotCovered)
    assert verdict.reason.startswith("step 2 calls app:state['cache'].set(")


def test_secrets(writes: Writes, boots: Boots):
    """What a step takes out of a row by the name of a secret is in no report."""
    sql = "{ sql = \"select 'hunter' || '222' as token\", capture = { token = 'token' } },"
    trace, _ = booted(writes, boots, sql + "{ redis = ['SET', 'a', '{token}'] }, { redis = ['GET', 'a'] }")
    assert "hunter222" not in json.dumps([str(event) for event in trace.events])
