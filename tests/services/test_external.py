"""Servers of somebody else: we use what we made there, and touch nothing that was there before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
import redis
from tests.services.conftest import Client, remains, soon, wait_until

from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services import Endpoint, Keeper, ServiceOptions, new_session_id
from pytest_startup.services.indexes import CLAIM_KEY


def databases(server: Endpoint) -> set[str]:
    """Return all databases of a server."""
    with psycopg.connect(server.url()) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def open_redis(server: Endpoint, index: int) -> redis.Redis:
    """Return a client of the server's own people."""
    return redis.Redis(host=server.host, port=server.port, password=server.password, db=index, decode_responses=True)


@pytest.fixture
def foreign(keeper: Keeper) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Return a Postgres and a Redis with data of somebody else: the tests' own, as if they were a CI's."""
    postgres, cache = keeper.postgres(soon()), keeper.redis(soon())
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE theirs (id int)")
    with open_redis(cache, 0) as their:
        their.flushall()
        their.set("theirs", "precious")
    yield postgres, cache
    with open_redis(cache, 0) as their:
        their.flushall()
    for endpoint in (postgres, cache):
        keeper.give_back(endpoint)


def join(postgres: Endpoint, cache: Endpoint, database: str = "0") -> Keeper:
    """Start a session on servers that are there already."""
    options = ServiceOptions("auto", postgres.url(), replace(cache, database=database).url())
    return Keeper.join(new_session_id(), os.getpid(), options, soon())


def test_foreign_data_are_left_as_they_were(foreign: tuple[Endpoint, Endpoint]) -> None:
    """We make, clone and drop databases of ours, claim and clear an index of ours, and leave no other trace."""
    postgres, cache = foreign
    before = databases(postgres)
    with join(postgres, cache) as keeper:
        keeper.prepared("external", lambda _: None, soon())
        ours = [keeper.postgres(soon()), keeper.postgres(soon(), "external")]
        index = keeper.redis(soon())
        added = databases(postgres) - before
        assert {each.database for each in ours} < added
        assert all(name.startswith(f"startup_{keeper.place.session_id}_") for name in added)
        assert index.database != "0"
        with open_redis(cache, int(index.database)) as client:
            assert client.keys() == [CLAIM_KEY]
            client.set("ours", 1)
        assert [each.provider for each in keeper.choices()] == ["external", "external"]
    assert databases(postgres) == before
    with open_redis(cache, int(index.database)) as client:
        assert client.dbsize() == 0
    with open_redis(cache, 0) as their:
        assert their.keys() == ["theirs"]
        assert their.get("theirs") == "precious"


def test_nothing_of_ours_stays_on_foreign_servers_when_the_run_is_killed(
    foreign: tuple[Endpoint, Endpoint], start_client: Callable[..., Client], session_id: str
) -> None:
    """SIGKILL of the owner: our databases are dropped, our index is cleared, theirs are as they were."""
    postgres, cache = foreign
    before = databases(postgres)
    owner = start_client(owner=0, options=["auto", postgres.url(), cache.url()])
    owner.ask("postgres")
    owner.ask("template", key="half-done")
    index = owner.endpoint("redis")
    owner.process.kill()
    wait_until(lambda: databases(postgres) == before, "our databases gone", 2.0)
    wait_until(lambda: not remains(session_id), "the keeper gone", 2.0)
    with open_redis(cache, int(index.database)) as client:
        assert client.dbsize() == 0


def test_two_runs_on_one_server_never_share_an_index(foreign: tuple[Endpoint, Endpoint]) -> None:
    """An index that another run has claimed is not empty, and so is not ours."""
    with join(*foreign) as one, join(*foreign) as other:
        assert one.redis(soon()).database != other.redis(soon()).database


def test_an_index_that_holds_foreign_data_is_refused(foreign: tuple[Endpoint, Endpoint]) -> None:
    """A URL which names an index means just that one; when it is not empty, we say so and touch nothing."""
    postgres, cache = foreign
    with open_redis(cache, 7) as their:
        their.set("theirs", 7)
        with (
            join(postgres, cache, "7") as keeper,
            pytest.raises(ServiceUnavailable, match=r"index 7, the one named, .* is not empty"),
        ):
            keeper.redis(soon())
        assert their.get("theirs") == "7"


def test_boots_take_turns_on_the_one_index(foreign: tuple[Endpoint, Endpoint]) -> None:
    """Where the URL names one index, a second boot waits until the first has given it back."""
    postgres, cache = foreign
    with join(postgres, cache, "9") as keeper, ThreadPoolExecutor(1) as pool:
        first = keeper.redis(soon())
        second = pool.submit(keeper.redis, soon())
        with pytest.raises(TimeoutError):
            second.result(0.3)
        keeper.give_back(first)
        assert second.result(10).database == "9"


def test_an_index_that_is_no_longer_ours_is_not_cleared(foreign: tuple[Endpoint, Endpoint]) -> None:
    """When our claim has gone from an index, whoever took it keeps what he wrote."""
    postgres, cache = foreign
    with join(postgres, cache) as keeper:
        index = keeper.redis(soon())
        with open_redis(cache, int(index.database)) as their:
            their.flushdb()
            their.set("theirs", "new")
            keeper.give_back(index)
            assert their.get("theirs") == "new"


def test_a_user_who_may_not_create_databases_is_told(foreign: tuple[Endpoint, Endpoint]) -> None:
    """The missing right is named, before anything is tried."""
    postgres, cache = foreign
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE humble LOGIN PASSWORD 'word'")
        humble = replace(postgres, user="humble", password="word")
        with (
            join(humble, cache) as keeper,
            pytest.raises(ServiceUnavailable, match="user 'humble' may not create databases; ALTER ROLE"),
        ):
            keeper.postgres(soon())
        connection.execute("DROP ROLE humble")
