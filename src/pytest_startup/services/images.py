"""What runs in our containers: a Postgres and a Redis whose data live as long as the run, and in memory.

Any image will do which keeps to the entry point of the official ones: arguments which begin with `-` are for the
server, and so is a configuration file alone. Those of pgvector, PostGIS, TimescaleDB and Valkey do.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pytest_startup.clock import Deadline
from pytest_startup.services import databases, indexes
from pytest_startup.services.containers import Plan
from pytest_startup.services.endpoints import Container, Endpoint
from pytest_startup.services.postgres import SETTINGS, USER
from pytest_startup.services.valkey import DATABASES

if TYPE_CHECKING:
    from pytest_startup.services.containers import Containers

_NOT_IN_A_CONTAINER = ("listen_addresses", "unix_socket_directories")
"""Settings for a server on this machine: its own address is all that a container has, and its entry point logs in
through its unix socket while it sets the database up."""

_CONFIGURATION = "/startup.conf"

LOOK_SECONDS = 1.0
"""What one login may take: a server that accepts and says nothing must not use up the time for its start."""


def _look(deadline: Deadline) -> Deadline:
    return deadline.within(LOOK_SECONDS)


def postgres(containers: Containers, wanted: Container, deadline: Deadline) -> Endpoint:
    """Start a Postgres and return its maintenance database; raises `ServiceUnavailable`, or `DeadlineExceeded`."""
    databases.driver("docker")
    password = secrets.token_urlsafe(18)
    ours = {name: value for name, value in SETTINGS.items() if name not in _NOT_IN_A_CONTAINER}
    flags = (flag for name, value in ours.items() for flag in ("-c", f"{name}={value}"))
    access = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": password, "POSTGRES_DB": "postgres"}
    plan = Plan(
        service="postgres",
        image=wanted.image_for("postgres"),
        port=5432,
        data="/var/lib/postgresql/data",
        arguments=(*flags, *wanted.args),
        env={"POSTGRES_INITDB_ARGS": "--no-sync", **dict(wanted.env), **access},
        secret=password,
    )

    def reached(host: str, port: int) -> Endpoint:
        return Endpoint(
            service="postgres",
            provider="docker",
            host=host,
            port=port,
            user=USER,
            password=password,
            database="postgres",
        )

    return reached(*containers.start(plan, lambda *at: databases.answers(reached(*at), _look(deadline)), deadline))


def redis(containers: Containers, wanted: Container, deadline: Deadline) -> Endpoint:
    """Start a Redis and return its index 0; raises `ServiceUnavailable`, or `DeadlineExceeded`."""
    indexes.driver("docker")
    password = secrets.token_urlsafe(18)
    # A file, not options: the password must not show in this machine's list of processes.
    configuration = f'requirepass {password}\ndatabases {DATABASES}\nsave ""\nappendonly no\n'
    plan = Plan(
        service="redis",
        image=wanted.image_for("redis"),
        port=6379,
        data="/data",
        arguments=(_CONFIGURATION, *wanted.args),
        env=dict(wanted.env),
        files={_CONFIGURATION: configuration},
        secret=password,
    )

    def reached(host: str, port: int) -> Endpoint:
        return Endpoint(service="redis", provider="docker", host=host, port=port, password=password, database="0")

    return reached(*containers.start(plan, lambda *at: indexes.answers(reached(*at), _look(deadline)), deadline))
