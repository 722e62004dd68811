"""Redis: an empty index for every boot, on a server that nobody else can use."""

from __future__ import annotations

import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.services.conftest import soon

from pytest_startup.services import Endpoint, Keeper


def client(endpoint: Endpoint) -> redis.Redis:
    """Return a client of the test's own."""
    return redis.Redis.from_url(endpoint.url(), decode_responses=True)


def test_every_boot_has_an_empty_index_of_its_own(keeper: Keeper) -> None:
    """What one boot writes, another one does not see; all of them are on one server."""
    first, second = keeper.redis(soon()), keeper.redis(soon())
    with client(first) as one, client(second) as other:
        one.set("seen", "by me")
        assert one.dbsize() == 1
        assert other.dbsize() == 0
    assert first.port == second.port
    assert first.database != second.database
    for endpoint in (first, second):
        keeper.give_back(endpoint)


def test_an_index_that_was_given_back_is_empty_again(keeper: Keeper) -> None:
    """Rate limits of one boot do not outlive it, and indexes are used again."""
    first = keeper.redis(soon())
    with client(first) as one:
        one.set("rate", 100)
    keeper.give_back(first)
    again = keeper.redis(soon())
    assert again.database == first.database
    with client(again) as one:
        assert one.dbsize() == 0
    keeper.give_back(again)


def test_an_endpoint_is_given_back_only_once(keeper: Keeper) -> None:
    """Giving back what somebody else has by now does nothing."""
    first = keeper.redis(soon())
    keeper.give_back(first)
    second = keeper.redis(soon())
    with client(second) as one:
        one.set("mine", 1)
        keeper.give_back(keeper.postgres(soon()))
        assert one.dbsize() == 1
    keeper.give_back(second)


def test_the_server_is_ours_alone(keeper: Keeper) -> None:
    """Loopback only, with a password, writing nothing to a disk."""
    endpoint = keeper.redis(soon())
    with client(endpoint) as one:
        pid = one.info("server")["process_id"]
        assert one.config_get("save")["save"] == ""
    with (
        redis.Redis(port=endpoint.port, protocol=2, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError, match="Authentication required"),
    ):
        stranger.ping()
    listening = {each.laddr.ip for each in psutil.Process(pid).net_connections() if each.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert endpoint.password not in " ".join(psutil.Process(pid).cmdline())
    keeper.give_back(endpoint)
