"""The table of the integration layer: fault -> the tests that are run, and exactly those of them which fail.

The services are real here too, though not in containers: what carries them is no matter of the application's. To add a
fault: write the file below tests/faults/integration, add the row, run
`python -m pytest tests/detection/test_boots.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

ROWS: Mapping[str, Row] = {
    # it answers well, and has not done what it says
    "expiry_forgotten": row("test_capability[cache]", passes=("test_capability[threads]",)),
    "published_elsewhere": row(
        "test_capability[cache]", "test_capability[threads]", passes=("test_capability[agent-state]",)
    ),
    "table_beside_cache": row("test_capability[cache]", passes=("test_real_service_answers[redis]",)),
    "update_not_committed": row("test_capability[threads]", passes=("test_capability[agent-state]",)),
    "delete_only_hides": row("test_capability[threads]", passes=("test_capability[agent-state]",)),
    "agent_state_in_memory": row("test_capability[agent-state]", passes=("test_capability[threads]",)),
    # it is ready, and not all of it is there
    "no_agent_registered": row(
        "test_component_is_filled[registry]",
        passes=("test_component_is_filled[handlers]", "test_capability[log-in]"),
    ),
    "pool_filled_later": row("test_pool_is_warm[postgres]", passes=("test_pool_serves_at_once[postgres]",)),
    "overflow_forgotten": row("test_pool_serves_at_once[postgres]", passes=("test_pool_is_warm[postgres]",)),
    # a service goes or hangs while users ask on
    "readiness_kept": row(
        "test_readiness_in_outage[redis]",
        "test_follows_outage[redis]",
        passes=("test_requests_end_in_outage[redis]", "test_use_after_outage[redis]"),
    ),
    "readiness_sulks": row(
        "test_follows_outage[postgres]",
        passes=("test_readiness_in_outage[postgres]", "test_use_after_outage[postgres]"),
    ),
    "liveness_waits_for_cache": row(
        "test_readiness_in_stall[redis]",
        passes=("test_readiness_in_outage[redis]", "test_follows_stall[redis]"),
    ),
    "cache_without_limit": row(
        "test_requests_end_in_stall[redis]",
        passes=("test_requests_end_in_outage[redis]", "test_follows_stall[redis]"),
        changes={"traffic": {"max_seconds": 5.0}},
    ),
    "query_without_limit": row(
        "test_requests_end_in_stall[postgres]",
        passes=("test_readiness_in_stall[postgres]", "test_follows_stall[postgres]"),
        changes={"traffic": {"max_seconds": 5.0}},
    ),
    "lock_kept_on_error": row(
        "test_requests_end_in_outage[redis]",
        "test_use_after_outage[redis]",
        passes=("test_follows_outage[redis]", "test_pool_after_outage[redis]"),
        changes={"traffic": {"max_seconds": 5.0}},
    ),
    "connections_lost_in_outage": row(
        "test_pool_after_outage[postgres]",
        passes=("test_readiness_in_outage[postgres]", "test_pool_serves_at_once[postgres]"),
    ),
    "pump_dies_with_cache": row(
        "test_use_after_outage[redis]",
        passes=("test_pool_after_outage[redis]", "test_follows_outage[redis]"),
    ),
    # nothing is wrong, however unusual
    "benign.written_later": row(passes=("test_capability[threads]",)),
    "benign.pump_begins_anew": row(passes=("test_use_after_outage[redis]", "test_use_after_stall[redis]")),
    "benign.readiness_takes_its_time": row(
        passes=("test_readiness_in_outage[redis]", "test_follows_outage[redis]", "test_follows_stall[redis]")
    ),
    # the whole start does not do with real services what it did without them
    "seed_by_hand": row("test_real_start_becomes_ready", passes=("test_real_start_tells_its_failures",)),
    "migration_failure_caught": row(
        "test_real_start_tells_its_failures",
        passes=("test_real_start_becomes_ready", "test_real_service_answers[postgres]"),
    ),
    "warms_everything": row(
        "test_real_start_in_time",
        passes=("test_real_start_becomes_ready",),
        changes={"startup": {"max_seconds": 1.0}},
    ),
    "cache_in_memory": row("test_real_service_answers[redis]", passes=("test_real_service_answers[postgres]",)),
    "pool_of_its_own": row("test_real_stop_closes_its_connections", passes=("test_real_start_becomes_ready",)),
    "tables_made_blindly": row("test_restart_on_its_own_data", passes=("test_real_start_becomes_ready",)),
    # it starts more slowly than it did
    "start_slower": row(
        "test_startup_speed[baseline]",
        changes={"startup": {"baseline": "{faults}/integration/baseline.json"}},
    ),
}
