"""A Valkey (or Redis) of our own: loopback only, a random password, nothing written to any disk."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.services.carriers import Program
from pytest_startup.services.endpoints import Endpoint
from pytest_startup.services.indexes import answers, driver
from pytest_startup.services.processes import LOOPBACK, Server, Site, free_port, start_on_free_port

DATABASES = 1024
"""How many boots can hold an index at the same time; an index that is not used costs nothing."""


def start(program: Program, site: Site, deadline: Deadline, pick: Callable[[], int] = free_port) -> Endpoint:
    """Start the server and return index 0 once it answers PING with our password.

    Raises `ServerEnded` with the last lines of the log, or `DeadlineExceeded`.
    """
    driver(program.provider)
    password = secrets.token_urlsafe(18)
    directory = site.directory("redis")

    def reached(port: int) -> Endpoint:
        return Endpoint(
            service="redis",
            provider=program.provider,
            host=LOOPBACK,
            port=port,
            password=password,
            database="0",
        )

    def launch(port: int) -> Server:
        # A file, not options: the password must not show in the list of processes.
        text = _configuration(port, password, directory)
        return site.spawn("redis", [str(program.path), str(site.write(directory / "server.conf", text))])

    port = start_on_free_port(launch, lambda port: answers(reached(port), deadline), deadline, pick)
    return reached(port)


def _configuration(port: int, password: str, directory: Path) -> str:
    lines = (
        f"port {port}",
        f"bind {LOOPBACK}",
        "protected-mode yes",
        f"requirepass {password}",
        f"databases {DATABASES}",
        'save ""',
        "appendonly no",
        f'dir "{directory}"',
        "daemonize no",
        "set-proc-title no",  # it would overwrite the environment, and with it the tag by which we know our own
    )
    return "\n".join(lines) + "\n"
