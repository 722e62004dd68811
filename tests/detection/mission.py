"""The table of the mission critical layer: fault -> the tests that are run, and exactly those of them which fail.

A test of this layer boots for itself, so a row names the few that tell most: those which must fail, and beside them
some which must not. To add a fault: write the file below tests/faults/mission, add the row, run
`python -m pytest tests/detection/test_mission.py -k NAME`.
"""

from __future__ import annotations

import re
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
        words = [" and ".join(re.findall(r"[\w.-]+", test)) for test in sorted(self.fails | self.passes)]
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
    "never_retries": row("test_late_service[redis]", passes=("test_absent_service[redis]",)),
    "no_timeout_of_cache": row(
        "test_silent_service[redis]", passes=("test_absent_service[llm]",), changes=SHORT_AND_IMPATIENT
    ),
    "password_swallowed": row("test_wrong_credentials[redis]", passes=("test_wrong_credentials[postgres]",)),
    # a service goes away while the application is up
    "readiness_ignores_cache": row("test_dying_service[redis]", passes=("test_dying_service[postgres]",)),
    "liveness_asks_database": row("test_dying_service[postgres]", passes=("test_dying_service[redis]",)),
    "pool_never_recovers": row("test_returning_service[redis]", passes=("test_dying_service[redis]",)),
    "shutdown_needs_cache": row("test_dying_service[redis]", passes=("test_returning_service[redis]",)),
    # users come too early
    "gate_forgotten": row(
        "test_traffic_is_refused_during[init]",
        "test_traffic_is_refused_during[database]",
        passes=("test_delivery[bridge]",),
    ),
    "serves_while_starting": row(
        "test_traffic_is_refused_during[cache]",
        passes=("test_not_ready_is_told_outside", "test_first_requests"),
        changes={"traffic": {"gate": "port"}},
    ),
    "socket_dropped_early": row(
        "test_traffic_is_refused_during[init]",
        "test_traffic_is_refused_during[finalize]",
        passes=("test_delivery[bridge]",),
    ),
    "upgrade_crashes_early": row(
        "test_traffic_is_refused_during[cache]",
        passes=("test_delivery[bridge]",),
    ),
    "socket_waits_early": row(
        "test_traffic_is_refused_during[init]",
        passes=("test_delivery[bridge]", "test_first_requests"),
    ),
    "unready_untold": row(
        "test_not_ready_is_told_outside",
        changes={"phases": [], "health": {"readiness": {"max_seconds": 0.3}}},
    ),
    # users come, and something is used up
    "fails_once_used": row(
        "test_first_requests",
        passes=("test_journey[log-in]", "test_log_stays_free_of[Cannot deliver message]"),
    ),
    "loses_once_used": row(
        "test_log_stays_free_of[Cannot deliver message]",
        passes=("test_first_requests", "test_log_stays_free_of[ZERO handlers]"),
    ),
    # users come, and do not get what they came for
    "token_of_another_secret": row("test_journey[log-in]", "test_delivery[bridge]", passes=("test_first_requests",)),
    "manager_of_its_own": row("test_delivery[bridge]", passes=("test_journey[log-in]", "test_undeliverable[bridge]")),
    "last_client_gets_all": row("test_delivery[bridge]", passes=("test_undeliverable[bridge]",)),
    "delivered_twice": row("test_delivery[bridge]", passes=("test_undeliverable[bridge]",)),
    "loss_untold": row(
        "test_undeliverable[bridge]", passes=("test_delivery[bridge]", "test_synthetic_recipient[mock_]")
    ),
    "synthetic_noisy": row(
        "test_synthetic_recipient[health_check_]",
        passes=("test_synthetic_recipient[unit_test_]", "test_undeliverable[bridge]"),
    ),
}

FAULTS: Mapping[str, frozenset[str]] = {f"mission.{name}": each.fails for name, each in ROWS.items()}
"""Fault, by its name below tests/faults -> tests that fail."""
