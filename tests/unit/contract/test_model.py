"""What a contract answers about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup.contract.health import ReadinessProbe
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.model import ALWAYS_PASSED, Component, Contract, Launch, Phase, Service, Startup
from pytest_startup.contract.places import Place
from pytest_startup.contract.reader import parse
from pytest_startup.contract.templates import Reference
from pytest_startup.contract.values import CallableSignal, Command, Target, Url


def _phase(
    name: str, *, after: tuple[str, ...] = (), needs: tuple[str, ...] = (), provides: tuple[str, ...] = ()
) -> Phase:
    signal = CallableSignal("main", name)
    return Phase(name=name, signal=signal, after=after, needs=needs, provides=provides)


PHASES = (
    _phase("init", provides=("settings",)),
    _phase("database", needs=("settings",)),
    _phase("cache"),
    _phase("chat", after=("database",)),
)
CONTRACT = Contract(
    launch=Launch(
        app=Command(("serve", "{port}")),
        env={"A": "{postgres.url} {secret.a}"},
        before=(("{python}", "-m", "seed"),),
    ),
    phases=PHASES,
    components=(Component(name="settings", place=Place.parse("app.state.settings")),),
    services=(
        Service(name="postgres", kind="postgres", template=(("migrate", "{root}"),)),
        Service(name="search", kind="unavailable"),
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("main:app", Target("main", "app")),
        ("http://127.0.0.1:8000/", Url("http://127.0.0.1:8000")),
        ("https://staging.example", Url("https://staging.example")),
    ],
)
def test_minimal(text: str, expected: Target | Url):
    """A target or a URL is enough, and everything else has its default."""
    assert Contract(launch=Launch(app=expected)) == Contract.minimal(text) == Contract.minimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "main.py:app",
            'target = "main.py:app": must be "package.module:name" (nearest: main:app); write target = "main:app"',
        ),
        (
            "http://",
            (
                'target = "http://": must be "http://host:port" or "https://host", without a query; '
                'write target = "http://127.0.0.1:8000"'
            ),
        ),
    ],
)
def test_minimal_wrong(text: str, expected: str):
    """A malformed target is a mistake like those of a file."""
    with pytest.raises(ContractError) as caught:
        Contract.minimal(text)

    assert [expected] == [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("order", "phase", "expected"),
    [
        ("total", "chat", ["init", "database", "cache"]),
        ("partial", "chat", ["init", "database"]),
        ("partial", "cache", []),
    ],
)
def test_graph(order: str, phase: str, expected: list[str]):
    """What comes before a phase follows from the order."""
    contract = Contract(launch=CONTRACT.launch, phases=PHASES, startup=Startup(order=order))  # type: ignore[arg-type]

    assert set(expected) == contract.graph[phase]


def test_by_name():
    """Phases, components and services are found by their names, and only by these."""
    assert PHASES[1] == CONTRACT.phase("database")
    assert CONTRACT.components[0] == CONTRACT.component("settings")
    assert CONTRACT.services[0] == CONTRACT.service("postgres")
    for find in (CONTRACT.phase, CONTRACT.component, CONTRACT.service):
        with pytest.raises(KeyError, match="nobody"):
            find("nobody")


def test_services_of():
    """Services are found by their kinds too."""
    assert CONTRACT.services[1:] == CONTRACT.services_of("unavailable", "redis")


def test_provider():
    """The provider of a component is the phase which says so, if any."""
    assert PHASES[0] == CONTRACT.provider("settings")
    assert CONTRACT.provider("pool") is None


def test_protocol():
    """A service speaks what its kind does; an unavailable one, what its name says."""
    assert ["postgres", "search"] == [service.protocol for service in CONTRACT.services]


def test_references():
    """All templates of a contract are found, wherever they are allowed."""
    expected = [
        Reference("port"),
        Reference("postgres", "url"),
        Reference("secret", "a"),
        Reference("python"),
        Reference("root"),
    ]

    assert expected == list(CONTRACT.references())
    assert [Reference("host")] == list(Contract.minimal("http://{host}").references())
    assert [] == list(Contract.minimal("main:app").references())


def test_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A contract is at home in the directory of its file, without one in the current directory."""
    monkeypatch.chdir(tmp_path)

    assert tmp_path == CONTRACT.root
    assert Path("/srv") == Contract(launch=CONTRACT.launch, source=Path("/srv/startup.toml")).root


def test_passed():
    """Only listed variables reach the application, and nothing of pytest ever."""
    environment = dict.fromkeys(["PATH", "LC_ALL", "AWS_PROFILE", "AWS_KEY", "PYTEST_ADDOPTS", "DATABASE_URL"], "x")
    launch = Launch(app=Target("a", "b"), pass_env=("AWS_P*",))

    assert {"PATH", "LC_ALL", "AWS_PROFILE"} == set(launch.passed(environment))
    everything = Launch(app=Target("a", "b"), pass_env=("*",))
    assert "PYTEST_ADDOPTS" not in everything.passed(environment)
    assert "PATH" in ALWAYS_PASSED


@pytest.mark.parametrize(
    ("answer", "fields", "expected"),
    [
        ("200", {"ready": True}, True),
        ("200", {}, True),
        ("200", {"ready": 0}, True),
        ("200", {"ready": False}, False),
        ("503", {"ready": True}, False),
        ("timeout", {}, False),
    ],
)
def test_says_ready(answer: str, fields: dict[str, object], *, expected: bool):
    """The status says ready, unless the body denies it in the declared words."""
    probe = ReadinessProbe(path="/ready", not_ready_fields={"ready": False})
    assert expected is probe.says_ready(answer, fields)
    assert (answer == "200") is ReadinessProbe(path="/ready").says_ready(answer, fields)


PROFILES = """
launch = { target = "a:b", env = { A = "1", B = "2" } }
services = { redis = { outcome = { absent = "exit", late = "tolerated" } }, postgres = {} }
profiles = [{ name = "dev", env = { B = "{redis.url}{secret.dev}", C = "3" }, absent = { redis = "tolerated" } }]
tokens = [
    { name = "t", journey = "j", cookie = "c", socket = "/{secret.at}", key = "{secret.k}", algorithm = "HS256" },
    { name = "u", journey = "j", cookie = "c", socket = "/", scope = { claim = "c", without = "w" } },
]
limits = [{ name = "l", request = { get = "/{secret.limit}" }, allowed = 1 }]
headers = [{ name = "h", paths = ["/{secret.hidden}"], socket = "/{secret.said}", absent = ["Server"] }]
cors = [{ name = "o", paths = ["/{secret.origin}"], origins = [] }]
journeys = [{ name = "j", steps = [{ get = "/" }] }]
"""


def test_within_a_profile():
    """A profile changes variables, and what the absence of a service means; nothing else."""
    contract = parse(PROFILES)
    within = contract.within("dev")

    assert {"A": "1", "B": "{redis.url}{secret.dev}", "C": "3"} == within.launch.env
    assert ("tolerated", "tolerated", False) == (
        within.service("redis").outcome.absent,
        within.service("redis").outcome.late,
        within.service("redis").required,
    )
    assert contract.service("postgres") == within.service("postgres")
    assert contract is contract.within("")
    with pytest.raises(KeyError):
        contract.within("prod")


def test_names_and_templates_of_what_is_kept_out():
    """Tokens, limits, rules and profiles are known by their names, and so are the secrets in them."""
    contract = parse(PROFILES)
    found = (contract.token("t"), contract.limit("l"), contract.rules("o"), contract.header_rules("h"))
    assert ("t", "l", "o", "h") == tuple(each.name for each in found)
    secrets = {each.name for each in contract.references() if each.owner == "secret"}
    assert "dev" == contract.profile("dev").name
    assert {"dev", "at", "k", "limit", "origin", "hidden", "said"} == secrets
