"""Reading a contract: from a file or a text to frozen objects."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.model import (
    Budgets,
    Component,
    Contract,
    Health,
    Launch,
    Link,
    NoProbe,
    Outcome,
    Phase,
    Probe,
    ReadinessProbe,
    Service,
    Startup,
)
from pytest_startup.contract.places import Attribute, Place
from pytest_startup.contract.reader import find, parse, read
from pytest_startup.contract.values import (
    AttributeSignal,
    CallableSignal,
    Command,
    LogSignal,
    StateSignal,
    Target,
    TextReply,
    ToolReply,
    TouchSignal,
    Url,
)

FULL = """
[launch]
factory = "agent_chat.main:create_app"
directory = "backend"
import_path = ["src", "/opt/lib"]
interpreter = ".venv/bin/python"
pass_env = ["AWS_PROFILE", "MY_*"]
lifespan = "auto"
host = "::1"
port = 8000
before = [["{python}", "-m", "app.seed"], ["true"]]
boot_timeout = 12
stop_timeout = 0.5

[launch.env]
DATABASE_URL = "{postgres.url:postgresql+asyncpg}"
EMPTY = ""
JSON = '{{"a": {port}}}'

[startup]
order = "partial"
max_seconds = 20
max_block_seconds = 0.25
forbidden_log = ["ZERO handlers"]

[[phases]]
name = "by-callable"
callable = "agent_chat.startup:Starter._open"
after = ["by-state"]
needs = ["postgres", "settings"]
provides = ["database"]
max_seconds = 10

[[phases]]
name = "by-state"
state = "app.state.startup.phase"
value = 1
provides = ["settings"]

[[phases]]
name = "by-attribute"
attribute = 'lifespan["pool"]'

[[phases]]
name = "by-log"
log = "ready in .* s"
log_enter = "starting"

[[phases]]
name = "by-one-line"
log = "ready"

[[phases]]
name = "by-touch"
touch = "postgres"

[components]
settings = "app.state.settings"
database = { at = "package.db:database", not_empty = true, optional = true }
dispatcher = { at = "app.state.dispatcher" }

[wiring]
"dispatcher.executor.database" = "database"

[services.postgres]
canary = "database.ping()"
template = [["{python}", "-m", "alembic", "upgrade", "head"]]
required = false

[services.postgres.outcome]
absent = "exit"
hangs = "not-ready"
late = "tolerated"

[services.cache]
kind = "redis"

[services.llm]
replies = [{ tool = "lookup", arguments = { query = "x", deep = { a = [1] } } }, { tool = "bare" }, { text = "done" }]

[services.clickhouse]
kind = "unavailable"

[health]
liveness = false

[health.readiness]
path = "/health/ready?full=1"
status = 204
max_seconds = 1
fields = { startup_complete = true, checks.database.state = "ok", list = [1, { a = 2 }], none = {} }
not_ready_status = [503, 500]
not_ready_fields = { startup_complete = false }

[budgets]
smoke = 20
"""

EXPECTED = Contract(
    launch=Launch(
        app=Target("agent_chat.main", "create_app", factory=True),
        directory=Path("/srv/app/backend"),
        import_path=(Path("/srv/app/src"), Path("/opt/lib")),
        interpreter=Path("/srv/app/.venv/bin/python"),
        pass_env=("AWS_PROFILE", "MY_*"),
        env={"DATABASE_URL": "{postgres.url:postgresql+asyncpg}", "EMPTY": "", "JSON": '{{"a": {port}}}'},
        lifespan="auto",
        host="::1",
        port=8000,
        before=(("{python}", "-m", "app.seed"), ("true",)),
        boot_timeout=12.0,
        stop_timeout=0.5,
    ),
    startup=Startup(order="partial", max_seconds=20.0, max_block_seconds=0.25, forbidden_log=("ZERO handlers",)),
    phases=(
        Phase(
            name="by-callable",
            signal=CallableSignal("agent_chat.startup", "Starter._open"),
            after=("by-state",),
            needs=("postgres", "settings"),
            provides=("database",),
            max_seconds=10.0,
        ),
        Phase(name="by-state", signal=StateSignal(Place.parse("app.state.startup.phase"), 1), provides=("settings",)),
        Phase(name="by-attribute", signal=AttributeSignal(Place.parse('lifespan["pool"]'))),
        Phase(name="by-log", signal=LogSignal("ready in .* s", "starting")),
        Phase(name="by-one-line", signal=LogSignal("ready", None)),
        Phase(name="by-touch", signal=TouchSignal("postgres")),
    ),
    components=(
        Component(name="settings", place=Place.parse("app.state.settings")),
        Component(name="database", place=Place.parse("package.db:database"), not_empty=True, optional=True),
        Component(name="dispatcher", place=Place.parse("app.state.dispatcher")),
    ),
    wiring=(Link(place=Place.parse("dispatcher.executor.database"), target="database"),),
    services=(
        Service(
            name="postgres",
            kind="postgres",
            canary=Place.parse("database.ping()"),
            template=(("{python}", "-m", "alembic", "upgrade", "head"),),
            required=False,
            outcome=Outcome(absent="exit", hangs="not-ready", late="tolerated"),
        ),
        Service(name="cache", kind="redis"),
        Service(
            name="llm",
            kind="llm",
            replies=(
                ToolReply("lookup", {"query": "x", "deep": {"a": [1]}}),
                ToolReply("bare", {}),
                TextReply("done"),
            ),
        ),
        Service(name="clickhouse", kind="unavailable", required=False),
    ),
    health=Health(
        liveness=NoProbe.DECLARED,
        readiness=ReadinessProbe(
            path="/health/ready?full=1",
            status=204,
            max_seconds=1.0,
            fields={"startup_complete": True, "checks.database.state": "ok", "list": [1, {"a": 2}], "none": {}},
            not_ready_status=(503, 500),
            not_ready_fields={"startup_complete": False},
        ),
    ),
    budgets=Budgets(smoke=20.0),
    source=Path("/srv/app/startup.toml"),
)

MINIMAL = '[launch]\ntarget = "main:app"\n'


def test_full():
    """Everything that a contract can say is in the objects; paths begin at its file."""
    assert EXPECTED == parse(FULL, Path("/srv/app/startup.toml"))


def test_frozen():
    """A contract cannot be changed, and can be a key."""
    contract = parse(FULL)

    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.launch.port = 1  # type: ignore[misc]
    assert len({contract, parse(FULL)}) == 1


def test_minimal():
    """A target alone is a contract, the same as the one without a file."""
    assert Contract.minimal("main:app") == parse(MINIMAL)


def test_short_forms():
    """A health endpoint may be its path alone, and is not declared when it is not named."""
    health = parse(MINIMAL + '[health]\nliveness = "/live"\n').health

    assert Health(liveness=Probe(path="/live"), readiness=NoProbe.UNDECLARED) == health


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('target = "a.b:c.d"', Target("a.b", "c.d")),
        ('command = ["serve", "--port", "{port}"]', Command(("serve", "--port", "{port}"))),
        ("command = \"serve --name 'a b' --port {port}\"", Command(("serve", "--name", "a b", "--port", "{port}"))),
        ('command = "serve"\nport = 8000', Command(("serve",))),
        ('command = "serve"\nenv = { PORT = "{port}" }', Command(("serve",))),
        ('url = "http://127.0.0.1:8000/"', Url("http://127.0.0.1:8000")),
        ('url = "https://staging.example/api"', Url("https://staging.example/api")),
        ('url = "http://{host}:{port}"', Url("http://{host}:{port}")),
    ],
)
def test_launch(line: str, expected: object):
    """There are four ways to say what to start."""
    assert expected == parse(f"[launch]\n{line}\n").launch.app


def test_no_source():
    """Without a file, paths stay as they are written."""
    launch = parse('[launch]\ntarget = "a:b"\nimport_path = ["src"]\ninterpreter = "bin/python"\n').launch

    assert (Path(), (Path("src"),), Path("bin/python")) == (launch.directory, launch.import_path, launch.interpreter)


def test_pyproject(tmp_path: Path):
    """In a pyproject.toml the contract is a table of ours, beside others."""
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\n[tool.pytest-startup.launch]\ntarget = "main:app"\n')

    assert path == find(tmp_path)
    assert Target("main", "app") == read(path).launch.app
    assert tmp_path == read(path).launch.directory


def test_byte_order_mark(tmp_path: Path):
    """A byte order mark does no harm."""
    path = tmp_path / "startup.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())

    assert Target("main", "app") == read(path).launch.app


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"pyproject.toml": "[tool.other]\n"}, None),
        ({"pyproject.toml": "tool = 1\n"}, None),
        ({"pyproject.toml": "[broken"}, None),
        ({"pyproject.toml": "[tool.pytest-startup]\n"}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.pytest-startup\n"}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.pytest-startup]\n", "startup.toml": ""}, "startup.toml"),
    ],
)
def test_find(tmp_path: Path, files: dict[str, str], expected: str | None):
    """The contract of a directory is its own file, else the table in pyproject.toml, even a broken one."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    assert (None if expected is None else tmp_path / expected) == find(tmp_path)
    assert find(tmp_path / "below") is None


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("startup.toml", b"a = \xff\n", "{path}:1: is not UTF-8: invalid start byte; save it as UTF-8"),
        ("startup.toml", b"a = 1\n\n\xc3", "{path}:3: is not UTF-8: unexpected end of data; save it as UTF-8"),
        ("startup.toml", b"\n\n= 1\n", "{path}:3: is not TOML: Invalid statement; see https://toml.io for its syntax"),
        ("startup.toml", b"a = [\n\n", "{path}:3: is not TOML: Invalid value; see https://toml.io for its syntax"),
        (
            "startup.toml",
            b"a = 1\na = 2\n",
            "{path}:2: is not TOML: Cannot overwrite a value; see https://toml.io for its syntax",
        ),
        ("startup.toml", b"a = " + b"[" * 9999, "{path}: is nested too deeply; make it flatter"),
        (
            "pyproject.toml",
            b"[project]\n",
            "{path}: has no table [tool.pytest-startup]; add it, or write a startup.toml",
        ),
        (
            "pyproject.toml",
            b"\n[tool]\npytest-startup = 1\n",
            (
                "{path}:3: tool.pytest-startup = 1: must be a table; "
                'write pytest-startup = {{ launch = {{ target = "package.module:app" }} }}'
            ),
        ),
    ],
)
def test_useless_file(tmp_path: Path, name: str, content: bytes, expected: str):
    """What is no TOML at all is one mistake, with its line where there is one."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ContractError) as caught:
        read(path)
    assert [expected.format(path=path)] == [str(mistake) for mistake in caught.value.mistakes]


def test_huge_number():
    """A number with more digits than Python reads is a mistake too."""
    with pytest.raises(ContractError, match="is not TOML"):
        parse(f"a = {'9' * 5000}")


@pytest.mark.parametrize(
    ("name", "problem"),
    [("missing.toml", "does not exist"), (".", "is a directory, not a file"), ("a\0b", "is not a path")],
)
def test_no_file(tmp_path: Path, name: str, problem: str):
    """A contract that cannot be read says why and what to name instead."""
    path = tmp_path / name

    with pytest.raises(ContractError) as caught:
        read(path)
    assert [f"{path}: {problem}; name a startup.toml or a pyproject.toml"] == [str(m) for m in caught.value.mistakes]


def test_through_a_file(tmp_path: Path):
    """Any other error of the system is told in its own words."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ContractError, match="cannot be read: Not a directory"):
        read(tmp_path / "file" / "startup.toml")


def test_text_of_an_error():
    """All mistakes are in the text of the error, in the order of their lines."""
    with pytest.raises(ContractError) as caught:
        parse('[xyz]\n[launch]\ntarget = "main:app"\nport = -1\n', Path("startup.toml"))

    expected = (
        "the contract has 2 mistakes:\n"
        "  startup.toml:1: xyz: is not a key of this table; allowed: launch, startup, phases, components, wiring, "
        "services, health, grace, traffic, journeys, deliveries, chat, websocket, tokens, limits, cors, headers, "
        "profiles, budgets; remove it\n"
        "  startup.toml:4: launch.port = -1: must be a whole number from 0 (any free port) to 65535; write port = 0"
    )
    assert expected == str(caught.value)


def test_text_of_one_mistake():
    """One mistake is not several."""
    with pytest.raises(ContractError, match=r"\Athe contract has a mistake:\n  launch: is missing"):
        parse("")


WORDS = st.sampled_from(
    ["launch", "target", "startup", "phases", "name", "callable", "after", "needs", "services", "postgres", "wiring"]
    + ["components", "health", "liveness", "budgets", '"a.b"', '"x:y"', '"{postgres.url}"', '"app.x"', "1", "nan"]
    + ["[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n"] * 2
)


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text())
def test_any_text(text: str):
    """Any text is a contract or a `ContractError`, never another error."""
    with contextlib.suppress(ContractError):
        assert isinstance(parse(text), Contract)


@given(content=st.binary(max_size=60))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    """Any bytes are a contract or a `ContractError`, never another error."""
    path = tmp_path_factory.getbasetemp() / "startup.toml"
    path.write_bytes(content)

    with pytest.raises(ContractError):
        read(path)


TREES = st.recursive(
    st.sampled_from(["1", "-1", "nan", "true", '""', '"x"', '"a:b"', '"app.x"', '"{a.url}"', "1979-05-27", "[]", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(["name", "kind", "at", "path", "callable", "needs", "x"]), inner, max_size=3
        ).map(lambda table: f"{{{', '.join(f'{key} = {value}' for key, value in table.items())}}}")
    ),
    max_leaves=6,
)
KEYS = [f"launch.{each.name}" for each in dataclasses.fields(Launch)] + [
    "launch.target", "launch.command", "launch.url", "launch.env.A", "startup.order", "startup.forbidden_log",
    "phases", "components", "components.a", "wiring", 'wiring."a.b"', "services", "services.postgres",
    "services.llm.replies", "services.a.outcome", "health", "health.liveness", "health.readiness", "budgets.smoke",
    "users", "nonsense",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=6))
def test_any_values(table: dict[str, str]):
    """Any value at any key is right or a `ContractError`, never another error."""
    with contextlib.suppress(ContractError):
        assert isinstance(parse("".join(f"{key} = {value}\n" for key, value in table.items())), Contract)


def test_names():
    """A target and a callable are written as they were read."""
    contract = parse(FULL)

    assert str(contract.launch.app) == "agent_chat.main:create_app"
    assert str(contract.phases[0].signal) == "agent_chat.startup:Starter._open"


def test_steps_of_a_place():
    """A place of a contract is parsed already."""
    assert (Attribute("state"), Attribute("settings")) == parse(FULL).component("settings").place.steps
