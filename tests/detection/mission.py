"""The table of the mission critical layer: fault -> the tests that are run, and exactly those of them which fail.

A test of this layer boots for itself, so a row names the few that tell most: those which must fail, and beside them
some which must not. To add a fault: write the file below tests/faults/mission, add the row, run
`python -m pytest tests/detection/test_boots.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import sockets
from .chosen import Row, row
from .table import UNUSED

IMPATIENT: Mapping[str, Mapping[str, object]] = {"launch": {"env": {"STARTUP_RETRY_SECONDS": "0.5"}}}
"""Where a service is absent all the time, it need not be tried again for long."""

SHORT: Mapping[str, Mapping[str, object]] = {"launch": {"boot_timeout": 10.0}}
"""For a boot which never ends: no more than others need on a busy machine."""

SHORT_AND_IMPATIENT: Mapping[str, object] = {"launch": {**SHORT["launch"], **IMPATIENT["launch"]}}

WITHOUT_PHASES: Mapping[str, object] = {
    "phases": [],
    "grace": None,
    "components": {"handlers": {"within": None}},
    **UNUSED,
}
"""For a boot that is seen from outside alone: what asks at the boundaries of phases would wait there as well."""

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
    # a component comes late, or before what it needs
    "tokens_by_a_task": row(
        "test_component_is_provided[tokens]",
        passes=("test_component_is_provided[model]", "test_component_order[handlers-before-monitor]"),
    ),
    "handlers_after_schemas": row(
        "test_component_in_time[handlers]",
        passes=("test_component_is_provided[handlers]",),
    ),
    "handlers_after_monitor": row(
        "test_component_order[handlers-before-monitor]",
        "test_component_is_provided[handlers]",
        passes=("test_component_order[manager-before-bridge]", "test_component_is_provided[monitor]"),
    ),
    # it waits for what is missing, and says so: too late, too soon, or not at all
    "grace_begins_anew": row("test_grace_period[handlers]"),
    "grace_too_long": row("test_grace_period[handlers]"),
    "grace_ends_at_once": row("test_grace_period[handlers]"),
    "grace_in_minutes": row("test_grace_period[handlers]"),
    "grace_ends_silently": row("test_grace_period[handlers]"),
    # it takes more than it should
    "weights_in_memory": row("test_phase_memory[finalize]", "test_memory_when_ready"),
    "weights_at_import": row("test_memory_when_ready", passes=("test_phase_memory[finalize]",)),
    "none_goes_unnoticed": row(
        "test_half_done_phase_is_noticed[cache]",
        passes=("test_half_done_phase_is_noticed[services]",),
    ),
    "lock_left_behind": row(
        "test_next_boot_succeeds[services]",
        passes=("test_next_boot_succeeds[cache]", "test_failed_phase_ends_the_startup[services]"),
    ),
    "settings_read_once": row(
        "test_phase_called_twice[init]",
        passes=("test_starting_twice_at_once",),
    ),
    # the start as a whole is disturbed
    "starts_twice": row("test_starting_twice_at_once", passes=("test_phase_called_twice[init]",)),
    "start_leaks": row("test_nothing_piles_up"),
    "port_taken_unnoticed": row(
        "test_taken_port_is_told",
        changes={
            "launch": {
                "target": None,
                "command": ["{python}", "{faults}/mission/port_taken_unnoticed.py", "{port}"],
            }
        },
    ),
    "port_shared": row("test_port_race_has_one_winner", passes=("test_taken_port_is_told",)),
    # the order of phases is an accident
    "waits_a_while": row(
        "test_order_with_slow_service[postgres]",
        passes=("test_order_with_slow_service[redis]", "test_order_is_no_accident[seed-1]"),
    ),
    "order_by_chance": row(
        "test_order_is_no_accident[seed-2]",
        "test_order_is_no_accident[seed-3]",
        passes=("test_order_is_no_accident[seed-1]", "test_order_with_slow_service[redis]"),
    ),
    # a pool of connections
    "pool_is_cold": row("test_pool_has_its_size[postgres]", passes=("test_pool_hands_out_connections[postgres]",)),
    "pool_too_small": row("test_pool_hands_out_connections[postgres]", passes=("test_pool_has_its_size[postgres]",)),
    # a service is not there, or not yet
    "retries_for_ever": row("test_absent_service[redis]", passes=("test_late_service[redis]",), changes=SHORT),
    "never_retries": row("test_late_service[redis]", "test_patience[auth]", passes=("test_absent_service[redis]",)),
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
        "test_breaking_service[auth]",
        passes=("test_breaking_service[llm]", "test_absent_service[auth]"),
        changes=IMPATIENT,
    ),
    "readiness_asks_auth": row("test_dying_service[auth]", passes=("test_returning_service[auth]",)),
    "auth_never_asked_again": row("test_returning_service[auth]", passes=("test_dying_service[auth]",)),
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
        changes={**WITHOUT_PHASES, "health": {"readiness": {"max_seconds": 0.3}}},
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
    "token_of_another_secret": row(
        "test_journey[log-in]", "test_delivery[bridge]", passes=("test_journey[single-sign-on]",)
    ),
    "tokens_of_auth_refused": row("test_journey[single-sign-on]", passes=("test_journey[log-in]",)),
    "keys_fetched_once": row("test_disturbed_journey[keys-rotated]", passes=("test_journey[single-sign-on]",)),
    "manager_of_its_own": row("test_delivery[bridge]", passes=("test_journey[log-in]", "test_undeliverable[bridge]")),
    "last_client_gets_all": row("test_delivery[bridge]", passes=("test_undeliverable[bridge]",)),
    "delivered_twice": row("test_delivery[bridge]", passes=("test_undeliverable[bridge]",)),
    "newest_device_only": row("test_journey[socket-script]", passes=("test_delivery[bridge]", "test_journey[log-in]")),
    "pong_lost": row("test_journey[socket-script]", passes=("test_delivery[bridge]", "test_journey[log-in]")),
    "benign.frame_before_pong": row(passes=("test_journey[socket-script]", "test_delivery[bridge]")),
    "loss_untold": row(
        "test_undeliverable[bridge]", passes=("test_delivery[bridge]", "test_synthetic_recipient[mock_]")
    ),
    "synthetic_noisy": row(
        "test_synthetic_recipient[health_check_]",
        passes=("test_synthetic_recipient[unit_test_]", "test_undeliverable[bridge]"),
    ),
    # what readiness tells of it
    "report_is_constant": row("test_service_is_reported[analytics]", passes=("test_service_is_reported[redis]",)),
    "report_lags_behind": row(
        "test_dead_service_is_reported[redis]",
        passes=("test_dying_service[redis]", "test_service_is_reported[redis]"),
    ),
    # nothing is wrong, however unusual
    "benign.background": row(
        passes=(
            "test_failed_phase_ends_the_startup[cache]",
            "test_half_done_phase_is_noticed[cache]",
            "test_next_boot_succeeds[cache]",
            "test_order_is_no_accident[seed-2]",
            "test_starting_twice_at_once",
            "test_nothing_piles_up",
            "test_dying_service[redis]",
            "test_traffic_is_refused_during[cache]",
            "test_not_ready_is_told_outside",
            "test_delivery[bridge]",
            "test_disturbed_journey[keys-rotated]",
        ),
        changes={"startup": {"on_failure": "not-ready"}, "launch": SHORT["launch"]},
    ),
    "benign.no_gate": row(
        passes=(
            "test_traffic_is_refused_during[init]",
            "test_traffic_is_refused_during[finalize]",
            "test_first_requests",
            "test_delivery[bridge]",
        ),
        changes={"traffic": {"gate": "port"}},
    ),
    **sockets.ROWS,
}
