"""The detection table: fault -> exactly the tests of the smoke suite which fail; benign variant -> none.

A row names a file below tests/faults/ and the tests by the ids that a report shows. To add a fault: write the file,
add the row, run `python -m pytest tests/detection -k NAME`; the difference says what the row lacks.
"""

from __future__ import annotations

from collections.abc import Mapping

UNUSED = dict.fromkeys(
    ("traffic", "journeys", "deliveries", "chat", "websocket", "tokens", "limits", "headers", "cors")
)
"""What takes all out of the contract that says how the example is used."""

PHASES = ("init", "dependencies", "database", "cache", "services", "websocket", "finalize")

NOT_READY_DURING_ANY = {f"test_not_ready_during[{phase}]" for phase in PHASES}
TRACEBACK = "test_log_is_free_of[Traceback \\\\(most recent call last\\\\)]"

FAULTS: Mapping[str, set[str]] = {
    # it does not start
    "import_fails": {"test_becomes_ready"},
    "name_changed": {"test_becomes_ready"},
    "factory_raises": {"test_becomes_ready"},
    "phase_fails": {"test_becomes_ready"},
    "start_hangs": {"test_becomes_ready"},
    "never_complete": {"test_becomes_ready"},
    "readiness_missing": {"test_becomes_ready"},
    "readiness_too_slow": {"test_becomes_ready"},
    "dies_after_ready": {"test_becomes_ready", "test_becomes_a_user[log-in]"},
    # it does not say so, or goes on
    "leaves_at_import": {"test_becomes_ready", "test_tells_its_failures"},
    "fails_and_exits_zero": {"test_becomes_ready", "test_tells_its_failures"},
    "fails_silently": {"test_becomes_ready", "test_tells_its_failures"},
    "failure_swallowed": {
        "test_tells_its_failures",
        "test_phase_happens_once[finalize]",
        "test_component[farewell]",
    },
    # it starts in the wrong way
    "start_too_slow": {"test_ready_in_time"},
    "phase_too_slow": {"test_phase_in_time[finalize]"},
    "loop_blocked": {"test_event_loop_turns"},
    "hidden_connection": {"test_reaches_only_what_is_declared"},
    "hidden_lookup": {"test_reaches_only_what_is_declared"},
    "test_framework_loaded": {"test_does_not_notice_the_test"},
    "another_process_answers": {"test_answers_itself"},
    "phases_swapped": {"test_phase_order[database-before-cache]"},
    "cache_after_its_users": {"test_phase_order[cache-before-services]"},
    "phases_overlap": {"test_phase_order[database-before-cache]"},
    "phase_runs_twice": {"test_phase_happens_once[services]"},
    "phase_skipped": {
        "test_phase_happens_once[finalize]",
        "test_component[monitor]",
        "test_component[heartbeat]",
        "test_component[analytics_client]",
        "test_component[farewell]",
    },
    # its log tells of it
    "zero_handlers": {"test_log_is_free_of[ZERO handlers]"},
    "nobody_listens": {"test_log_is_free_of[Cannot deliver message]"},
    "traceback_logged": {TRACEBACK},
    "task_fails_unseen": {"test_log_is_free_of[Task exception was never retrieved]", TRACEBACK},
    "task_collected": {"test_log_is_free_of[Task was destroyed but it is pending]"},
    "await_forgotten": {"test_log_is_free_of[was never awaited]"},
    "deprecated_call": {"test_log_is_free_of[DeprecationWarning]"},
    # its health lies
    "readiness_constant": NOT_READY_DURING_ANY,
    "status_always_200": NOT_READY_DURING_ANY,
    "readiness_crashes": NOT_READY_DURING_ANY,
    "complete_too_early": {"test_not_ready_during[finalize]"},
    "progress_stuck": {"test_health_when_ready[readiness]"},
    "liveness_fails": {"test_health_when_ready[liveness]"},
    "liveness_redirects": {"test_health_when_ready[liveness]"},
    "liveness_missing": {"test_health_when_ready[liveness]"},
    "liveness_too_slow": {"test_health_when_ready[liveness]"},
    "catch_all": {"test_health_is_no_catch_all"},
    # its parts are not there, or hold the wrong ones
    "bridge_not_handed_over": {
        "test_link[dispatcher.executor.bridge]",
        "test_chat_event[tool_executing]",
        TRACEBACK,
    },
    "another_bridge": {
        "test_link[dispatcher.executor.bridge]",
        "test_chat_event[tool_executing]",
        "test_log_is_free_of[Cannot deliver message]",
    },
    "registry_without_manager": {"test_link[registry.websocket_manager]"},
    "supervisor_rebuilt": {"test_link[bridge.supervisor]"},
    "limiter_counts_alone": {"test_link[limiter.cache]", "test_closes_its_connections"},
    "registry_empty": {"test_component[registry]", "test_chat_event[agent_thinking]"},
    "component_missing": {"test_component[tokens]", "test_becomes_a_user[log-in]", TRACEBACK},
    "none_on_error": {"test_component[cache]", "test_service_answers[redis]"},
    "chat_looks_elsewhere": {"test_chat_event[agent_started]"},
    # it cannot use what it depends on
    "redis_never_touched": {"test_service_answers[redis]"},
    "client_closed": {"test_service_answers[llm]", "test_chat_event[tool_executing]", TRACEBACK},
    "migrations_skipped": {"test_service_answers[postgres]", "test_becomes_a_user[log-in]", TRACEBACK},
    "ping_returns_nothing": {"test_service_answers[postgres]"},
    # it does not stop as it should
    "sigterm_ignored": {"test_stops"},
    "shutdown_hangs": {"test_stops"},
    "shutdown_raises": {"test_stops", TRACEBACK},
    "exits_with_error": {"test_stops"},
    "shutdown_skipped": {"test_stops"},
    "child_left_behind": {"test_leaves_nothing_behind"},
    "orphan_left_behind": {"test_leaves_nothing_behind"},
    "task_left_behind": {"test_ends_its_tasks"},
    "connection_left_open": {"test_closes_its_connections"},
}

BENIGN = (
    "asyncio_loop",
    "background_startup",
    "component_per_request",
    "daemon_thread",
    "extra_component",
    "extra_phase",
    "front_end",
    "mocks_loaded",
    "more_health_fields",
    "noisy",
    "phases_in_another_order",
    "says_error",
    "slower",
    "tracker_process",
    "unchanged",
)

TABLE: Mapping[str, set[str]] = {**FAULTS, **{f"benign.{name}": set() for name in BENIGN}}

NOT_COVERED: Mapping[str, str] = {"test_service_answers[analytics]": "not covered: declared as not there"}
"""What one healthy boot of the example cannot show, and why."""

CONTRACT: Mapping[str, Mapping[str, object]] = {
    "factory_raises": {"launch": {"target": None, "factory": "faults.factory_raises:create_app"}},
    "another_process_answers": {
        "launch": {"target": None, "command": ["{python}", "{faults}/another_process_answers.py", "{port}"]},
        # what a process does that never listens is not what this row is about, nor what names its phases
        "phases": [],
        "grace": None,
        "components": {"handlers": {"within": None}},
        **UNUSED,
    },
    "start_hangs": {"launch": {"boot_timeout": 5.0}},
    "never_complete": {"launch": {"boot_timeout": 5.0}},
    "readiness_missing": {"launch": {"boot_timeout": 5.0}},
    "readiness_too_slow": {"launch": {"boot_timeout": 5.0}, "health": {"readiness": {"max_seconds": 0.5}}},
    "liveness_too_slow": {"health": {"liveness": {"path": "/health/live", "max_seconds": 0.5}}},
    # `select 1` needs no tables: what the canary of a database proves is what it asks for
    "migrations_skipped": {"services": {"postgres": {"canary": "app.state.store.threads('nobody')"}}},
    "start_too_slow": {"startup": {"max_seconds": 1.0}},
    "sigterm_ignored": {"launch": {"stop_timeout": 0.5}},
    "shutdown_hangs": {"launch": {"stop_timeout": 0.5}},
    "phase_too_slow": {"phases": {"finalize": {"max_seconds": 1.0}}},
    "benign.front_end": {"health": {"liveness": {"path": "/health/live", "fields": {"alive": True}}}},
    "benign.phases_in_another_order": {
        "startup": {"order": "partial"},
        "phases": {"cache": {"after": ["dependencies"]}},
    },
    "benign.component_per_request": {
        "components": {"request_limiter": "app.state.make_limiter(60)"},
        "wiring": {"request_limiter.cache": "cache"},
    },
}
"""What a row changes in the example's contract, table by table; None takes a key out."""
