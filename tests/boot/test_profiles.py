"""Boots in a profile: how it is run there, and what a missing service means."""

from __future__ import annotations

import pytest

from pytest_startup.boot import possible
from pytest_startup.checks import outcomes, reports
from pytest_startup.contract.reader import parse
from pytest_startup.errors import BootError
from pytest_startup.findings import NotCovered
from pytest_startup.variation import PLAIN, Exercise, ServiceFault, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import json, os, socket, sys

    required = os.environ["REQUIRED"] == "yes"

    def away():
        try:
            socket.create_connection((os.environ["HOST"], int(os.environ["PORT"])), 1).close()
        except OSError as error:
            return str(error)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            if os.environ.get("STRICT") and away():
                sys.exit("without " + os.environ["HOST"] + ":" + os.environ["PORT"])
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        why = away()
        body = {"is": "away" if why else "well", "required": required, "error": why}
        status = 503 if scope["path"] == "/ready" and why and required else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 3
stop_timeout = 0.5
env = { REQUIRED = "no", HOST = "{cache.host}", PORT = "{cache.port}" }
[health]
readiness = { path = "/ready", not_ready_status = [503] }
[services.cache]
kind = "KIND"
report = { field = "is", up = "well", away = "away", required = "required", error = "error" }
[[profiles]]
name = "production"
env = { REQUIRED = "yes" }
absent = { cache = "not-ready" }
[[profiles]]
name = "strict"
env = { STRICT = "yes", REQUIRED = "yes" }
absent = { cache = "exit" }
[[profiles]]
name = "development"
env = { REQUIRED = "no" }
absent = { cache = "tolerated" }
"""


@pytest.mark.parametrize("kind", ["redis", "unavailable"])
@pytest.mark.parametrize("profile", ["production", "strict", "development"])
def test_profile(profile: str, kind: str, writes: Writes, boots: Boots):
    """A missing service comes to what the profile says of it, and readiness tells so."""
    contract = writes(APPLICATION, CONTRACT.replace("KIND", kind))
    wanted = Variation((ServiceFault("cache", "absent"),), profile=profile)
    trace = boots(contract, possible.within(wanted, contract))

    assert [] == outcomes.in_profile(trace, contract, f"{profile}:cache")
    told = reports.in_profile(trace, contract, f"{profile}:cache")
    assert isinstance(told, NotCovered) if profile == "strict" else [] == told


@pytest.mark.parametrize(("profile", "took_it_for"), [("production", "tolerated"), ("development", "not-ready")])
def test_mistaken(profile: str, took_it_for: str, writes: Writes, boots: Boots):
    """What is required there and taken for optional is found, and the other way round."""
    right, wrong = ("yes", "no") if took_it_for == "tolerated" else ("no", "yes")
    toml = CONTRACT.replace("KIND", "unavailable").replace(f'"{right}" }}\nabsent', f'"{wrong}" }}\nabsent')
    contract = writes(APPLICATION, toml)
    trace = boots(contract, Variation(profile=profile))
    verdict, told = (check.in_profile(trace, contract, f"{profile}:cache") for check in (outcomes, reports))
    assert verdict
    assert told
    assert not isinstance(verdict, NotCovered)
    assert not isinstance(told, NotCovered)


def test_one_boot_for_what_is_the_same(writes: Writes):
    """A profile that changes nothing, and a service that is never there, need no boot of their own."""
    contract = writes(APPLICATION, CONTRACT.replace("KIND", "unavailable"))
    absent = (ServiceFault("cache", "absent"),)
    assert PLAIN == possible.within(Variation(absent, profile="development"), contract)
    assert Variation(profile="production") == possible.within(Variation(absent, profile="production"), contract)


def test_no_crowd_where_others_are():
    """An application that is up already is used, but not by a crowd: it is up for others as well."""
    there = parse('[launch]\nurl = "http://127.0.0.1:1"\n')
    assert PLAIN == possible.within(Variation(exercise=Exercise("crowd")), there)
    assert Variation(exercise=Exercise("use")) == possible.within(Variation(exercise=Exercise("use")), there)


def test_the_profile_of_a_model(writes: Writes):
    """A model fails in the profile that is declared for it."""
    toml = CONTRACT.replace("KIND", "unavailable") + '[services.llm]\nfailure = { profile = "strict" }\n'
    wanted = Variation(exercise=Exercise("model", "llm"))
    contract = writes(APPLICATION, toml)
    assert Variation(exercise=Exercise("model", "llm"), profile="strict") == possible.within(wanted, contract)


def test_no_such_profile(writes: Writes, boots: Boots):
    """A profile that is not declared is told with those that are."""
    contract = writes(APPLICATION, CONTRACT.replace("KIND", "unavailable"))
    with pytest.raises(BootError, match=r"no profile 'prod'.*declared: production, strict, development"):
        boots(contract, Variation(profile="prod"))
