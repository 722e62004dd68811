"""The tables of a database once the application is ready, and what becomes of it on those of a later release."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_startup.boot import plan
from pytest_startup.boot.commands import Ran, run
from pytest_startup.boot.tables import Found, Tables
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Service
from pytest_startup.errors import BootError, DeadlineExceeded
from pytest_startup.events.instances import BootedOnNewer, SchemaChecked, SchemaRead
from pytest_startup.events.process import Exited, LogLine
from pytest_startup.trace import Trace

if TYPE_CHECKING:
    from pytest_startup.boot.boot import Boot

LOOK_SECONDS = 10.0
LAST_LINES = 12
LOG_LINES = 200


def failures(tables: Tables) -> tuple[type[Exception], ...]:
    """Return what a look into a database may fail with."""
    return (*tables.errors, DeadlineExceeded)


def look(boot: Boot, name: str) -> None:
    """Look at the tables of the database `name` of a boot that is ready; then boot on those of a later release."""
    service = boot.contract.service(name)
    if name not in boot.edge.endpoints:
        return
    boot.rest()
    readable = read(boot, service)
    if readable and service.schema is not None and service.schema.check is not None:
        _check(boot, name, service.schema.check)
    if service.schema is not None and service.schema.newer is not None:
        boot.stop()
        _boot_on_newer(boot, service, service.schema.newer)


def read(boot: Boot, service: Service, *, alone: bool = True) -> bool:
    """Record what there is in a database, and tell whether all of it could be read."""
    tables, recorder = boot.edge.tables(service.name), boot.recorder
    found, problem = Found("", (), {}, ()), ""
    try:
        found = tables.read(service.schema, Deadline.after(LOOK_SECONDS, "the tables"))
    except failures(tables) as error:
        problem = recorder.mask(str(error)) or type(error).__name__
    at = recorder.elapsed()
    recorder.add(SchemaRead(at=at, service=service.name, alone=alone, problem=problem, **asdict(found)))
    return not problem and not found.unreadable


def _check(boot: Boot, name: str, words: tuple[str, ...]) -> None:
    """Run the command which tells whether a migration is pending; it reaches the services past their taps."""
    setting = plan.altered(boot.contract, boot.setting, boot.edge.behind)
    argv, launch, recorder = setting.expand(words), boot.contract.launch, boot.recorder
    try:
        seconds, keeper = launch.boot_timeout, boot.keeper
        ran = run(argv, setting, launch.directory, seconds, keeper=keeper, mask=recorder.mask, lines=LAST_LINES)
    except OSError as error:
        ran = Ran(127, (recorder.mask(str(error)),))
    recorder.add(SchemaChecked(at=recorder.elapsed(), service=name, code=ran.code, output=ran.output))


def _boot_on_newer(boot: Boot, service: Service, sql: str) -> None:
    """Make it the schema of a later release, and boot once more on it."""
    tables, recorder = boot.edge.tables(service.name), boot.recorder
    version = left = problem = refused = ""
    trace, ready = Trace(()), False
    try:
        tables.execute(sql, Deadline.after(LOOK_SECONDS, "the schema of a later release"))
        version = tables.version(service.schema, Deadline.after(LOOK_SECONDS, "its version"))
        ready, trace = boot.once_more()
        left = tables.version(service.schema, Deadline.after(LOOK_SECONDS, "its version"))
    except failures(tables) as error:
        problem = recorder.mask(str(error)) or type(error).__name__
    except BootError as error:
        if error.what != "launch.before":
            raise
        refused = recorder.mask(str(error))
        left = version
    exited = trace.first(Exited, asked=False)
    recorder.add(
        BootedOnNewer(
            at=recorder.elapsed(),
            service=service.name,
            ready=ready,
            code=1 if refused else exited.code if exited is not None else None,
            observed="a step before the start failed" if refused else trace.why_unready(),
            log=(*(line.text for line in trace.all(LogLine)[-LOG_LINES:]), *refused.splitlines()),
            version=version,
            left=left,
            problem=problem,
        )
    )
