"""Servers that are already there, named by URL: a service container of a CI, say. Nothing of theirs is touched."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, unquote, urlsplit

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services.databases import OLDEST, connect, driver
from pytest_startup.services.endpoints import Endpoint
from pytest_startup.services.indexes import connect as connect_redis
from pytest_startup.services.indexes import driver as redis_driver

POSTGRES_EXAMPLE = "postgresql://user:password@127.0.0.1:5432/postgres"
REDIS_EXAMPLE = "redis://:password@127.0.0.1:6379"

_PORTS = {"postgres": 5432, "redis": 6379}
_PARTS = 2


def postgres(url: str, deadline: Deadline) -> tuple[Endpoint, str]:
    """Return the maintenance database that the URL names, and the server's version; raises `ServiceUnavailable`."""
    server = _parse("postgres", url, ("postgresql", "postgres"), POSTGRES_EXAMPLE)
    psycopg = driver("external")
    try:
        with connect(server, deadline) as connection:
            number = connection.info.server_version
            row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            may_create = bool((row.fetchone() or (False,))[0])
    except psycopg.Error as error:
        raise _refused("postgres", server, error, "is it up, and are user and password right?") from None
    if number < OLDEST:
        raise _refused("postgres", server, f"version {number // 10000}", f"use {OLDEST // 10000} or newer")
    if not may_create:
        raise _refused("postgres", server, f"user {server.user!r} may not create databases", "ALTER ROLE ... CREATEDB")
    return server, f"{number // 10000}.{number % 10000}"


def redis(url: str, deadline: Deadline) -> tuple[Endpoint, str]:
    """Return the server (index 0, or the one that the URL names), and its version; raises `ServiceUnavailable`."""
    server = _parse("redis", url, ("redis", "valkey"), REDIS_EXAMPLE)
    errors = redis_driver("external").exceptions
    try:
        if server.database:
            int(server.database)
        with connect_redis(server, deadline) as client:
            info: dict[str, str] = client.info("server")
    except ValueError:
        raise _bad("redis", f"database {server.database!r} is not a number", REDIS_EXAMPLE) from None
    except (errors.RedisError, OSError) as error:
        raise _refused("redis", server, error, "is it up, and is the password right?") from None
    return server, str(info.get("valkey_version") or info.get("redis_version") or "unknown")


def _parse(service: str, url: str, schemes: tuple[str, ...], example: str) -> Endpoint:
    """Return the endpoint in the URL. No message shows more of the URL than its scheme: it holds a password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS[service]
    except ValueError as error:
        raise _bad(service, str(error), example) from None
    for is_bad, reason in _mistakes(parts, schemes):
        if is_bad(parts):
            raise _bad(service, reason, example)
    return Endpoint(
        service=service,
        provider="external",
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")) or ("postgres" if service == "postgres" else ""),
    )


def _mistakes(parts: SplitResult, schemes: tuple[str, ...]) -> list[tuple[Callable[[SplitResult], bool], str]]:
    return [
        (lambda url: url.scheme in {"rediss", "valkeys"}, "TLS is not supported between the tap and a Redis"),
        (
            lambda url: url.scheme not in schemes,
            f"its scheme is {parts.scheme!r}, not {' or '.join(schemes)}",
        ),
        (lambda url: not url.hostname, "it names no host; unix sockets are not supported"),
        (lambda url: bool(url.query or url.fragment), "parameters after `?` or `#` are not supported"),
    ]


def _bad(service: str, reason: str, example: str) -> ServiceUnavailable:
    return ServiceUnavailable(service, "external", f"the URL cannot be used: {reason}", f"write it as {example}")


def _refused(service: str, server: Endpoint, error: object, way_out: str) -> ServiceUnavailable:
    said = " ".join(str(error).split())
    return ServiceUnavailable(service, "external", f"{server.host}:{server.port} does not serve us: {said}", way_out)
