"""What services run in, by the contract of a run, those of its peers, and the options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_startup.contract.containers import Container, container_of, kinds_of
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.options import Options
from pytest_startup.services.endpoints import Container as Wanted
from pytest_startup.services.endpoints import ServiceOptions, options_from, to_wire
from pytest_startup.shared_boot import origin, wanted

LAUNCH = '[launch]\ntarget = "main:app"\n'
PEER = (
    LAUNCH + '[services.postgres]\ncontainer.image = "postgres:15"\n[services.redis.container]\nargs = ["--save", ""]\n'
)
OURS = LAUNCH + '[services.auth]\nkind = "app"\ncontract = "auth.toml"\n'


@pytest.fixture
def contract(tmp_path: Path, request: pytest.FixtureRequest) -> Contract:
    """Return a contract with a peer, and with what a test adds to it."""
    (tmp_path / "auth.toml").write_text(PEER)
    (tmp_path / "startup.toml").write_text(OURS + getattr(request, "param", ""))
    return read(tmp_path / "startup.toml")


def test_what_a_peer_says_counts_where_nobody_else_says_anything(contract: Contract):
    """A run has one server of a kind; a peer alone knows what it needs."""
    assert Container(image="postgres:15") == container_of(contract, "postgres")
    assert Container(args=("--save", "")) == container_of(contract, "redis")
    assert {"postgres", "redis"} == kinds_of(contract)


@pytest.mark.parametrize(
    "contract", ['[services.archive]\nkind = "postgres"\ncontainer.image = "postgres:17"\n'], indirect=True
)
def test_the_contract_of_the_run_counts_before_its_peers(contract: Contract):
    """Whoever runs it decides."""
    assert Container(image="postgres:17") == container_of(contract, "postgres")


def test_nothing_said():
    """Without a word, it is the official image."""
    silent = Contract.minimal("main:app")
    assert (Container(), frozenset()) == (container_of(silent, "redis"), kinds_of(silent))


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ((None, None), ("postgres:15", "redis:7-alpine")),
        (("mirror/postgres:16", "mirror/valkey:8"), ("mirror/postgres:16", "mirror/valkey:8")),
    ],
    ids=["contract", "options"],
)
def test_an_option_wins_over_the_contract(
    contract: Contract, images: tuple[str | None, str | None], expected: tuple[str, str]
):
    """A CI with a mirror names other images; what servers are told stays as it is."""
    options = Options(real_services=True, startup_postgres_image=images[0], startup_redis_image=images[1])
    found = wanted(options, contract)
    assert expected == (found.image("postgres"), found.image("redis"))
    assert ("--save", "") == found.redis.args


@pytest.mark.parametrize(
    ("provider", "url", "expected"),
    [
        ("docker", None, "postgres:17-alpine"),
        ("embedded", None, ""),
        ("auto", None, ""),
        ("docker", "postgresql://127.0.0.1", ""),
    ],
)
def test_only_a_container_has_an_image(provider: str, url: str | None, expected: str):
    """Nothing is pulled for a service which comes from elsewhere."""
    options = Options(startup_provider=provider, startup_postgres_url=url)
    assert expected == wanted(options, None).image("postgres")


def test_the_header_says_what_containers_run(contract: Contract):
    """Whoever reads a log of CI sees first what the application is started with."""
    assert "provider: docker, postgres:15, redis:7-alpine" == origin(Options(real_services=True), contract)
    assert "provider: embedded" == origin(Options(startup_provider="embedded"), contract)


def test_options_travel_as_they_are():
    """Every process of a run names the same options, through JSON or not."""
    options = ServiceOptions("docker", postgres=Wanted("postgres:16", ("-c", "a=b"), (("TZ", "UTC"),)))
    assert options == options_from(json.loads(json.dumps(to_wire(options))))
