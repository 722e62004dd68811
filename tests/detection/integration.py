"""The table of the integration layer: fault -> the tests that are run, and exactly those of them which fail.

The services are real here too, though not in containers: what carries them is no matter of the application's. To add a
fault: write the file below tests/faults/integration, add the row, run
`python -m pytest tests/detection/test_boots.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import guarding, reconnect, together, users
from .chosen import Row, row

BEFORE: Mapping[str, object] = {"launch": {"before": [["{python}", "-m", "alembic", "upgrade", "head"]]}}

IMPATIENT: Mapping[str, object] = {"launch": {"env": {"STARTUP_RETRY_SECONDS": "0.5"}}}
"""Where a service is absent all the time, it need not be tried again for long."""

ENDED: Mapping[str, object] = {"traffic": {"max_seconds": 3.0}}
"""Where requests never end, they need not be waited for so long."""

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
    "chat_given_up": row("test_use_after_outage[redis]", passes=("test_follows_outage[redis]",)),
    "liveness_waits_for_cache": row(
        "test_readiness_in_stall[redis]",
        passes=("test_readiness_in_outage[redis]", "test_follows_stall[redis]"),
    ),
    "cache_without_limit": row(
        "test_requests_end_in_stall[redis]",
        passes=("test_requests_end_in_outage[redis]", "test_follows_stall[redis]"),
        changes=ENDED,
    ),
    "query_without_limit": row(
        "test_requests_end_in_stall[postgres]",
        passes=("test_readiness_in_stall[postgres]", "test_follows_stall[postgres]"),
        changes=ENDED,
    ),
    "lock_kept_on_error": row(
        "test_requests_end_in_outage[redis]",
        "test_use_after_outage[redis]",
        passes=("test_follows_outage[redis]", "test_pool_after_outage[redis]"),
        changes=ENDED,
    ),
    "connections_lost_in_outage": row(
        "test_pool_after_outage[postgres]",
        passes=("test_readiness_in_outage[postgres]", "test_pool_serves_at_once[postgres]"),
    ),
    "pump_dies_with_cache": row(
        "test_use_after_outage[redis]",
        passes=("test_pool_after_outage[redis]", "test_follows_outage[redis]"),
    ),
    "readiness_only_connects": row(
        "test_readiness_in_stall[redis]",
        "test_follows_stall[redis]",
        passes=("test_requests_end_in_stall[redis]", "test_follows_outage[redis]"),
    ),
    "slots_lost_in_stall": row(
        "test_pool_after_stall[postgres]",
        passes=("test_follows_stall[postgres]", "test_pool_after_outage[postgres]"),
    ),
    "pump_dies_of_silence": row(
        "test_use_after_stall[redis]",
        passes=("test_follows_stall[redis]", "test_use_after_outage[redis]"),
    ),
    # nothing is wrong, however unusual
    "benign.written_later": row(passes=("test_capability[threads]",)),
    "benign.pump_begins_anew": row(passes=("test_use_after_outage[redis]", "test_use_after_stall[redis]")),
    "benign.readiness_takes_its_time": row(
        passes=("test_readiness_in_outage[redis]", "test_follows_outage[redis]", "test_follows_stall[redis]")
    ),
    # two instances start at the same moment
    "migrates_without_lock": row("test_both_instances_start", passes=("test_schema_at_head[postgres]",)),
    "migration_lock_kept": row("test_no_lock_is_left[postgres]", passes=("test_both_instances_start",)),
    "transaction_left_open": row("test_no_lock_is_left[postgres]", passes=("test_both_instances_start",)),
    "index_made_again": row("test_pair_leaves_same_schema[postgres]", passes=("test_no_lock_is_left[postgres]",)),
    "limit_over_all": row("test_pools_of_both[postgres]", passes=("test_both_instances_start",)),
    "key_of_its_own": row("test_users_of_both[log-in]", passes=("test_users_of_both[single-sign-on]",)),
    "benign.waits_for_its_turn": row(passes=("test_both_instances_start", "test_no_lock_is_left[postgres]")),
    "benign.leader_for_life": row(
        passes=("test_both_instances_start", "test_no_lock_is_left[postgres]"),
        changes={"services": {"postgres": {"schema": {"lasting_locks": 1}}}},
    ),
    "benign.migrated_before": row(
        passes=("test_both_instances_start", "test_pair_leaves_same_schema[postgres]", "test_newer_schema[postgres]"),
        changes=BEFORE,
    ),
    # both wait for their database
    "waits_in_step": row("test_jitter[postgres]", passes=("test_backoff[postgres]",)),
    "asks_at_one_pace": row("test_backoff[postgres]", passes=("test_return_of_the_database[postgres]",)),
    "storm_at_return": row("test_return_of_the_database[postgres]", passes=("test_backoff[postgres]",)),
    # the tables are not those of the code
    "migrates_half_way": row("test_schema_at_head[postgres]", "test_readable_tables[postgres]"),
    "column_by_hand": row("test_schema_at_head[postgres]", passes=("test_readable_tables[postgres]",)),
    "table_lock_kept": row("test_readable_tables[postgres]"),
    "newer_schema_accepted": row("test_newer_schema[postgres]", passes=("test_schema_at_head[postgres]",)),
    "newer_schema_stamped": row("test_newer_schema[postgres]", passes=("test_readable_tables[postgres]",)),
    "newer_schema_untold": row("test_newer_schema[postgres]", passes=("test_schema_at_head[postgres]",)),
    # services are not well, or only now and then
    "cache_failure_swallowed": row(
        "test_absent_server[redis]",
        "test_silent_server[redis]",
        "test_wrong_credentials_of_server[redis]",
        passes=("test_absent_server[postgres]",),
        changes=IMPATIENT,
    ),
    "cache_unheard": row("test_silent_server[redis]", passes=("test_absent_server[redis]",), changes=IMPATIENT),
    "cache_password_ignored": row(
        "test_wrong_credentials_of_server[redis]", passes=("test_wrong_credentials_of_server[postgres]",)
    ),
    "cache_limit_too_tight": row("test_slow_server[redis]", passes=("test_slow_server[postgres]",)),
    "gives_up_at_first_reset": row("test_comes_through[chaos-1]", "test_comes_through[chaos-2]"),
    "half_a_list_accepted": row(
        "test_comes_through[chaos-1]", "test_comes_through[chaos-2]", passes=("test_readable_tables[postgres]",)
    ),
    "limits_in_memory": row("test_trouble_is_met[chaos-1-redis]", passes=("test_trouble_is_met[chaos-1-postgres]",)),
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
    **guarding.ROWS,
    # it starts more slowly than it did
    "start_slower": row(
        "test_startup_speed[baseline]",
        changes={"startup": {"baseline": "{faults}/integration/baseline.json"}},
    ),
    **users.ROWS,
    **together.ROWS,
    **reconnect.ROWS,
}
