"""The tables of a database are those which the code expects: none is missing, nothing is pending (I8, C4)."""

from __future__ import annotations

import re

from pytest_startup.contract.model import Contract
from pytest_startup.contract.services import OutcomeWord, Schema
from pytest_startup.events.instances import BootedOnNewer, SchemaChecked, SchemaRead
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

LAST_LINES = 6
SHOWN = 5
UNREADY = NotCovered("the boot never became ready")
_WORD = re.compile(r"schema|revision|migrat|version", re.IGNORECASE)
_WRONG = re.compile(
    r"error|fail|newer|later|ahead|unknown|unexpected|unsupported|mismatch|can'?t|cannot|not |refus",
    re.IGNORECASE,
)


def is_at_head(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the contract's command says of the database `subject` that no migration is pending."""
    schema = contract.service(subject).schema
    if schema is None or schema.check is None:
        return NotCovered(f"the contract gives no command which tells (services.{subject}.schema.check)")
    if trace.first(Ready) is None:
        return UNREADY
    ended = trace.first(SchemaChecked, service=subject)
    if ended is None:
        return NotCovered("nobody could look into it in this boot, or its tables cannot be read")
    if ended.code == 0:
        return []
    command = " ".join(schema.check)
    how = f"{command} ended with {ended.code}" if ended.code is not None else f"{command} did not end in time"
    said = "; it said: " + " | ".join(ended.output[-LAST_LINES:]) if ended.output else ""
    return [
        Finding(
            subject=subject,
            expected=f"once it is ready, no migration of {subject} is pending and no model differs from its table",
            observed=how + said,
            at=ended.at,
            look_at="a model that was changed without a migration, or a migration that the start does not run",
            on_purpose=f"services.{subject}.schema.check is the command which tells",
        )
    ]


def is_readable(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that a second connection can read every table of the database `subject`."""
    schema = contract.service(subject).schema
    if schema is None:
        return NotCovered(f"the contract says nothing of its tables (services.{subject}.schema)")
    if trace.first(Ready) is None:
        return UNREADY
    read = trace.first(SchemaRead, service=subject)
    if read is None:
        return NotCovered("nobody could look into it in this boot")
    if read.problem:
        return [_tables(subject, "a second connection can look into it", read.problem, read.at)]
    missing = [name for name in schema.tables if name not in read.tables]
    found = []
    if missing:
        observed = f"missing: {', '.join(missing)}; there are {', '.join(read.tables) or 'none'}"
        found.append(_tables(subject, f"all {len(schema.tables)} tables of the contract are there", observed, read.at))
    elif not read.tables:
        found.append(_tables(subject, "at least one table is there once it is ready", "there is none", read.at))
    if read.unreadable:
        refused = [f"{name}: {why}" for name, why in sorted(read.unreadable.items())]
        observed = "; ".join(refused[:SHOWN])
        found.append(_tables(subject, "each of its tables can be read by a second connection", observed, read.at))
    return found


def _tables(subject: str, expected: str, observed: str, at: float) -> Finding:
    look_at = "whether the migrations have run to their end, have committed, and hold no lock any more"
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at)


def newer_is_noticed(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot on the schema of a later release, as after the code was rolled back and the database was not."""
    schema = contract.service(subject).schema
    if schema is None or schema.newer is None:
        return NotCovered(f"the contract does not say how that is made (services.{subject}.schema.newer)")
    booted = trace.first(BootedOnNewer, service=subject)
    if booted is None:
        return UNREADY if trace.first(Ready) is None else NotCovered("nobody could change the schema in this boot")
    if booted.problem:
        expected = "the SQL of the contract makes it the schema of a later release"
        return [_newer(subject, expected, booted.problem, booted)]
    if schema.version is not None and booted.left != booted.version:
        expected = f"the schema of a later release stays at version {booted.version}"
        return [_newer(subject, expected, f"the boot has made it version {booted.left or 'none'}", booted)]
    return _outcome(subject, schema, schema.newer_outcome, booted)


def _outcome(subject: str, schema: Schema, word: OutcomeWord, booted: BootedOnNewer) -> list[Finding]:
    if word == "tolerated":
        expected = f"it gets ready on a schema of {subject} that is newer than its code"
        return [] if booted.ready else [_newer(subject, expected, f"it did not: {booted.observed}", booted)]
    if booted.ready:
        expected = f"it never gets ready on a schema of {subject} that is newer than its code"
        return [_newer(subject, expected, "it got ready, and works on tables which it does not know", booted)]
    if word == "not-ready":
        expected = "it stays up, not ready"
        return [] if booted.code is None else [_newer(subject, expected, f"it ended with code {booted.code}", booted)]
    if not booted.code:
        observed = "exit code 0" if booted.code == 0 else f"it went on: {booted.observed}"
        return [_newer(subject, "it ends with an error", observed, booted)]
    if any(_tells(line, booted.version if schema.version is not None else "") for line in booted.log):
        return []
    last = " | ".join(booted.log[-LAST_LINES:])
    expected = f"a line of the log says that the schema of {subject} is not the one of this code"
    return [_newer(subject, expected, f"no line does; it ends with: {last}" if last else "it logged nothing", booted)]


def _tells(line: str, version: str) -> bool:
    return bool((version and version in line) or (_WORD.search(line) and _WRONG.search(line)))


def _newer(subject: str, expected: str, observed: str, booted: BootedOnNewer) -> Finding:
    return Finding(
        subject=subject,
        expected=expected,
        observed=observed,
        at=booted.at,
        look_at="what compares the version in the database with the newest that this code knows, before anything runs",
        on_purpose=f"services.{subject}.schema.newer_outcome says what is right",
    )
