"""The JSON Schema of a contract."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from pytest_startup.contract import schema as module
from pytest_startup.contract.reader import parse

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "startup.schema.json"
EXAMPLES = sorted(ROOT.glob("examples/*/startup.toml"))
MINIMAL = '[launch]\ntarget = "main:app"\n'

GOOD = {
    "minimal": MINIMAL,
    "factory": '[launch]\nfactory = "main:create_app"\n',
    "command as text": '[launch]\ncommand = "serve {port}"\n',
    "command as array": '[launch]\ncommand = ["serve", "{port}"]\n',
    "url": '[launch]\nurl = "https://staging.example"\n',
    "templates": MINIMAL + '[launch.env]\nA = "{port}"\nB = ""\n',
    "services": MINIMAL + "[services.redis]\n[services.postgres.outcome]\nabsent = 'exit'\n[services.llm]\n",
    "containers": MINIMAL
    + '[services.postgres.container]\nimage = "pgvector/pgvector:pg17"\nargs = ["-c", ""]\nenv = { TZ = "UTC" }\n'
    + '[services.redis]\ncontainer.image = "registry.example.com:5000/valkey@sha256:0123"\n',
    "service of a kind": MINIMAL + '[services.cache]\nkind = "redis"\n',
    "replies": MINIMAL + '[services.llm]\nreplies = [{ text = "a" }, { tool = "b" }, { tool = "b", arguments = {} }]\n',
    "state": MINIMAL + '[[phases]]\nname = "a"\nstate = "app.x"\nvalue = 1\n',
    "log": MINIMAL + '[[phases]]\nname = "a"\nlog = "x"\nlog_enter = "y"\n',
    "components": MINIMAL
    + '[components]\na = "app.a"\n"größe" = { at = "app.b", optional = true }\n[wiring]\n"a.x" = "a"\n',
    "traffic": MINIMAL
    + '[traffic]\nrequests = ["/a?b=c"]\nsockets = ["/ws"]\ngate = "application"\nfirst_requests = 1\n'
    + 'headers = { a = "{t}" }\njourney = "j"\n'
    + '[[journeys]]\nname = "j"\nsteps = [{ get = "/", capture = { t = "t" } }]\n',
    "journey": MINIMAL
    + '[[phases]]\nname = "p"\nlog = "x"\n[[journeys]]\nname = "j"\n'
    + 'disturbance = { phase = "p", steps = [{ put = "/" }] }\n'
    + 'steps = [{ post = "/a/{nonce}", json = { a = [1, "{secret.b}"] }, status = 201, capture = { t = "a.0.b" } },'
    + ' { get = "http://{host}:{port}/{t}", form = { c = "{t}" }, headers = { d = "{t}" }, status = [200, 404] }]\n',
    "steps that are no requests": MINIMAL
    + '[services.postgres]\n[services.cache]\nkind = "redis"\n[[journeys]]\nname = "j"\n'
    + 'steps = [{ call = "app.get(\'{nonce}\', 1)", gives = 1, capture = { t = "a" } },'
    + ' { sql = "select \'{t}\'", service = "postgres", rows = 1, gives = ["{t}", { a = true }] },'
    + ' { redis = ["GET", "{t}"], nothing = true }, { redis = ["SUBSCRIBE", "c"], service = "cache" },'
    + ' { hears = "c", service = "cache", max_seconds = 1 }, { get = "/", gives = [1.5] }]\n',
    "delivery": MINIMAL
    + '[[journeys]]\nname = "j"\nsteps = [{ get = "/", capture = { t = "t" } }]\n'
    + '[[deliveries]]\nname = "a"\njourney = "j"\nsocket = "/ws?t={t}"\nput = "app.put(\'{nonce}\')"\n'
    + '[[deliveries]]\nname = "b"\njourney = "j"\nput = "app.put(\'{recipient}\', None)"\nrecipient = "{t}"\n'
    + 'socket = { path = "/ws", query = { t = "{t}" }, subprotocols = ["{t}"], first = { t = "{t}" } }\n'
    + 'synthetic = ["test_*"]\nundeliverable = "lost"\n',
    "Socket.IO": MINIMAL
    + '[[journeys]]\nname = "j"\nsteps = [{ get = "/", capture = { t = "t" } }]\n'
    + '[[deliveries]]\nname = "a"\njourney = "j"\nput = "app.put(\'{nonce}\')"\n'
    + 'socket = { path = "/io", transport = "socketio", namespace = "/a", auth = { t = "{t}" },'
    + ' first = { event = "b" } }\n',
    "kept out": MINIMAL
    + '[[journeys]]\nname = "j"\nsteps = [{ get = "/", capture = { t = "t" } }]\n'
    + '[[tokens]]\nname = "a"\njourney = "j"\ntoken = "t"\nalgorithm = "HS256"\nkey = "{secret.k}"\n'
    + 'requests = [{ post = "/a", json = { t = "{t}" }, status = [200, 204] }]\n'
    + '[[tokens]]\nname = "b"\njourney = "j"\ncookie = "sid"\nsocket = "/ws"\nrefused_close = [4000]\n'
    + '[[limits]]\nname = "l"\nrequest = { get = "/" }\nallowed = 5\nseconds = 1\nretry_after = true\n'
    + '[[cors]]\nname = "c"\npaths = ["/", "{auth.url}/x"]\norigins = ["https://a.example:8443", "null"]\n'
    + 'foreign = ["http://a.example"]\nmethods = ["PUT"]\nallow_headers = ["X-A"]\ncredentials = true\n'
    + '[[cors]]\nname = "d"\npaths = ["/"]\norigins = ["*"]\n[services.auth]\nkind = "unavailable"\n',
    "profiles": MINIMAL
    + '[[profiles]]\nname = "p"\nenv = { A = "{redis.url}" }\nabsent = { redis = "tolerated" }\n'
    + '[services.redis]\nreport = { field = "a", up = 1, away = 0, required = "b", error = "c", tells = { d = 1 } }\n'
    + '[services.llm]\nfailure = { use = "app:ask()", profile = "p", readiness = "tolerated", status = 502 }\n',
    "health": MINIMAL + '[health]\nliveness = false\nreadiness = "/r?x=1"\n',
    "health table": MINIMAL + '[health.readiness]\npath = "/r"\nnot_ready_status = [503]\nfields = { a.b = 1 }\n',
}


def test_is_a_schema():
    """It is a schema of the dialect that it names."""
    jsonschema.Draft202012Validator.check_schema(module.schema())
    assert jsonschema.Draft202012Validator.META_SCHEMA["$id"] == module.schema()["$schema"]


def test_is_current():
    """The schema in the documentation is the one which the code makes: `python -m pytest_startup.contract.schema`."""
    assert module.schema() == json.loads(PAGE.read_text("utf-8"))


def test_prints():
    """The module prints the schema."""
    done = subprocess.run([sys.executable, "-m", module.__name__], check=True, capture_output=True, timeout=30)

    assert PAGE.read_bytes() == done.stdout


def test_main(capsys: pytest.CaptureFixture[str]):
    """What is printed is JSON."""
    module.main()

    assert module.schema() == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_accepts(text: str):
    """What the reader accepts, the schema accepts. What it refuses is in the table of mistakes."""
    parse(text)

    jsonschema.validate(tomllib.loads(text), module.schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.parent.name for path in EXAMPLES])
def test_examples(path: Path):
    """The contracts of the examples are good ones."""
    text = path.read_text("utf-8")
    parse(text, path)

    jsonschema.validate(tomllib.loads(text), module.schema(), jsonschema.Draft202012Validator)


def test_everything_is_described():
    """Every property of the schema says what it means."""
    assert [] == list(_undescribed(module.schema(), ""))


def _undescribed(schema: object, path: str) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _undescribed(item, path)
    if isinstance(schema, dict):
        for name, item in schema.get("properties", {}).items():
            if not item.get("description"):
                yield f"{path}.{name}"
            yield from _undescribed(item, f"{path}.{name}")
        for name in ("additionalProperties", "items", "anyOf"):
            yield from _undescribed(schema.get(name), path)
