"""A Postgres of our own: loopback only, a random password, nothing synced to any disk."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services.carriers import Program
from pytest_startup.services.databases import answers, driver
from pytest_startup.services.endpoints import Endpoint
from pytest_startup.services.processes import LOOPBACK, Server, Site, free_port, start_on_free_port

USER = "startup"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_checkpoints": "off",
    "dynamic_shared_memory_type": "mmap",  # files among the data, which go with them even when the server is killed
}
"""The data live as long as the run: nothing is gained by keeping them safe."""

_BUILTIN_LOCALE_SINCE = 17


def start(program: Program, site: Site, deadline: Deadline, pick: Callable[[], int] = free_port) -> Endpoint:
    """Make a cluster, start it, and return its maintenance database once a login works.

    Raises `ServiceUnavailable`, `ServerEnded` with the last lines of the log, or `DeadlineExceeded`.
    """
    driver(program.provider)
    _check_user(program.provider)
    password = secrets.token_urlsafe(18)
    data = _cluster(program, site, password, deadline)

    def reached(port: int) -> Endpoint:
        return Endpoint(
            service="postgres",
            provider=program.provider,
            host=LOOPBACK,
            port=port,
            user=USER,
            password=password,
            database="postgres",
        )

    def launch(port: int) -> Server:
        settings = {**SETTINGS, "port": str(port)}
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        # SIGQUIT: stop at once, and still give the shared memory back.
        return site.spawn("postgres", [str(program.path), "-D", str(data), *flags], stop_signal=signal.SIGQUIT)

    port = start_on_free_port(launch, lambda port: answers(reached(port), deadline), deadline, pick)
    return reached(port)


def _check_user(provider: str) -> None:
    """Refuse a uid without an entry in passwd: initdb would end with a message that helps nobody."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        reason = f"initdb cannot run as uid {os.geteuid()}, which has no entry in passwd"
        way_out = "run as a user who has one (root will do), or give the URL of a server (--startup-postgres-url)"
        raise ServiceUnavailable("postgres", provider, reason, way_out) from None


def _cluster(program: Program, site: Site, password: str, deadline: Deadline) -> Path:
    data = site.directory(f"postgres-{secrets.token_hex(3)}")
    secret = site.write(site.data / f"{data.name}.secret", password)
    command = [
        str(program.path.with_name("initdb")),
        *("-D", str(data), "-U", USER, "-A", "scram-sha-256", "--pwfile", str(secret)),
        *("-E", "UTF8", "--no-sync", *_locale(program.major)),
    ]
    try:
        # A Postgres that is killed leaves shared memory behind, and initdb runs several, a few hundredths each.
        site.spawn("initdb", command, stop_signal=None).run_to_end(deadline)
    finally:
        secret.unlink(missing_ok=True)
    return data


def _locale(major: int) -> list[str]:
    """Return a locale that is the same on every machine: UTF-8 throughout where the server brings one itself."""
    if major >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C"]
