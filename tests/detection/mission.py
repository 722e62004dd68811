"""The table of the mission critical layer: fault -> the tests that are run, and exactly those of them which fail.

A test of this layer boots for itself, so a row names the few that tell most: those which must fail, and beside them
some which must not. To add a fault: write the file below tests/faults/mission, add the row, run
`python -m pytest tests/detection/test_mission.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LAYER = "mission_critical"

IMPATIENT: Mapping[str, Mapping[str, object]] = {"launch": {"env": {"STARTUP_RETRY_SECONDS": "0.5"}}}
"""Where a service is absent all the time, it need not be tried again for long."""

SHORT: Mapping[str, Mapping[str, object]] = {"launch": {"boot_timeout": 10.0}}
"""For a boot which never ends: no more than others need on a busy machine."""

SHORT_AND_IMPATIENT: Mapping[str, object] = {"launch": {**SHORT["launch"], **IMPATIENT["launch"]}}


@dataclass(frozen=True, slots=True)
class Row:
    """What is run against a fault: tests that fail, and tests that pass; and what it changes in the contract."""

    fails: frozenset[str]
    passes: frozenset[str] = frozenset()
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        """The options by which only these tests are run."""
        words = [test.rstrip("]").replace("[", " and ") for test in sorted(self.fails | self.passes)]
        return ["-k", " or ".join(words)]


def row(*fails: str, passes: tuple[str, ...] = (), changes: Mapping[str, object] | None = None) -> Row:
    """Return a row of the table."""
    return Row(frozenset(fails), frozenset(passes), changes or {})


ROWS: Mapping[str, Row] = {
    # a phase goes wrong
    "no_time_limits": row(
        "test_hanging_phase_is_ended[cache]",
        passes=("test_failed_phase_ends_the_startup[cache]",),
        changes=SHORT,
    ),
    "goes_on_after_failure": row("test_failed_phase_ends_the_startup[cache]", changes=SHORT),
    "exits_zero_on_failure": row(
        "test_failed_phase_ends_the_startup[services]",
        "test_absent_service[redis]",
        changes=IMPATIENT,
    ),
    "failure_without_name": row(
        "test_failed_phase_ends_the_startup[services]",
        passes=("test_absent_service[redis]",),
        changes=IMPATIENT,
    ),
    # a service is not there, or not yet
    "retries_for_ever": row("test_absent_service[redis]", passes=("test_late_service[redis]",), changes=SHORT),
    "never_retries": row("test_late_service[redis]", "test_patience[redis]", passes=("test_absent_service[redis]",)),
    "no_timeout_of_cache": row(
        "test_silent_service[redis]", passes=("test_absent_service[llm]",), changes=SHORT_AND_IMPATIENT
    ),
    "password_swallowed": row("test_wrong_credentials[redis]", passes=("test_wrong_credentials[postgres]",)),
    # a service goes away while the application is up
    "readiness_ignores_cache": row("test_dying_service[redis]", passes=("test_dying_service[postgres]",)),
    "liveness_asks_database": row("test_dying_service[postgres]", passes=("test_dying_service[redis]",)),
    "pool_never_recovers": row("test_returning_service[redis]", passes=("test_dying_service[redis]",)),
    "shutdown_needs_cache": row("test_dying_service[redis]", passes=("test_returning_service[redis]",)),
    # a further application is not there, or not well
    "auth_absence_swallowed": row(
        "test_absent_service[auth]", passes=("test_late_service[auth]", "test_absent_service[llm]"), changes=IMPATIENT
    ),
    "retries_without_pause": row("test_patience[auth]", passes=("test_late_service[auth]",)),
    "pauses_stay": row("test_patience[auth]", passes=("test_late_service[auth]",)),
    "auth_limit_too_tight": row("test_slow_service[auth]", passes=("test_slow_service[redis]",), changes=IMPATIENT),
    "broken_answer_swallowed": row(
        "test_cut_service[auth]",
        "test_resetting_service[auth]",
        passes=("test_cut_service[llm]", "test_absent_service[auth]"),
        changes=IMPATIENT,
    ),
    "readiness_asks_auth": row("test_dying_service[auth]", passes=("test_returning_service[auth]",)),
    "auth_never_asked_again": row("test_returning_service[auth]", passes=("test_dying_service[auth]",)),
}

FAULTS: Mapping[str, frozenset[str]] = {f"mission.{name}": each.fails for name, each in ROWS.items()}
"""Fault, by its name below tests/faults -> tests that fail."""
