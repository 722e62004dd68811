"""A part of the table of the mission critical layer: what clients do with a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

BY_ALL, BY_USER = (
    "test_connections_are_counted[manager]",
    "test_connections_are_counted[manager.count('{user_id}')]",
)
COME_AND_GO = "test_users_come_and_go[socket]"
LIMIT, LIMIT_OF_EACH = "test_connection_limit[5]", "test_connections_of_each_user[5]"
MANAGERS = tuple(f"test_manager_of_each_user[{each}]" for each in ("itself", "connections", "buffer"))
SETTLES = "test_agents_settle[bridge.open_runs]"


def _ends(*ends: str) -> tuple[str, ...]:
    return tuple(f"test_end_of_connection[{each}]" for each in ends)


def _payloads(*names: str) -> tuple[str, ...]:
    return tuple(f"test_bad_payload[{each}]" for each in names)


def _malformed(*kinds: str) -> tuple[str, ...]:
    return tuple(f"test_malformed[{each}]" for each in kinds)


ROWS: Mapping[str, Row] = {
    # many connections at once
    "connection_overwritten": row(BY_ALL, BY_USER, LIMIT, passes=(COME_AND_GO, *_ends("close-1000"))),
    "count_raced": row(BY_ALL, passes=(BY_USER, COME_AND_GO)),
    "table_changed_while_walked": row(COME_AND_GO, passes=("test_route[ping]",)),
    "reply_to_the_last": row(COME_AND_GO, passes=(BY_ALL, "test_route[ping]")),
    # to each their own
    "manager_for_all": row(*MANAGERS),
    "buffer_for_all": row(MANAGERS[2], passes=(MANAGERS[0], MANAGERS[1], BY_USER)),
    "manager_made_anew": row(MANAGERS[0], passes=(COME_AND_GO,)),
    # how many there may be
    "connection_limit_shared": row(LIMIT_OF_EACH, passes=(LIMIT,)),
    "connection_limit_kicks": row(LIMIT, passes=(LIMIT_OF_EACH, BY_USER)),
    "place_never_free": row(LIMIT, passes=(LIMIT_OF_EACH,)),
    # the end of a connection
    "disconnect_forgotten": row(
        *_ends("close-without-code", "fin", "reset", "in-mid-frame"), passes=_ends("close-1000", "close-1001")
    ),
    "tab_logs_off": row(BY_ALL, BY_USER, passes=(COME_AND_GO, *_ends("fin"))),
    # messages
    "agent_not_chosen": row("test_route[start_agent]", passes=("test_route[chat]", "test_route[ping]")),
    "error_ends_socket": row(
        *_payloads("not-json", "unknown-type", "content-null"), passes=("test_route[ping]", *_malformed("unmasked"))
    ),
    "only_text_expected": row(*_payloads("binary"), passes=_payloads("not-json", "empty", "deep")),
    "unknown_type_ignored": row(
        *_payloads("unknown-type", "no-type", "type-null"), passes=_payloads("not-json", "content-null")
    ),
    "cut_without_a_word": row(
        *_malformed("unmasked", "invalid-utf8", "close-999"), passes=_malformed("many-fragments", "half-a-frame")
    ),
    "fragments_lost": row(*_malformed("many-fragments", "ping-within-message"), passes=_malformed("unmasked")),
    # agents
    "run_left_behind": row(
        SETTLES,
        passes=("test_user_of_connection[user_id]", *_ends("reset")),
        changes={"websocket": {"settles_within": 4.0}},
    ),
    "user_from_frame": row(
        "test_user_of_connection[user_id]",
        passes=("test_user_of_connection[run.user_id]",),
        changes={"websocket": {"spoof": {"max_seconds": 4.0}}},
    ),
    # nothing is wrong, however unusual
    "benign.closes_on_bad_input": row(
        passes=(*_payloads("not-json", "unknown-type", "content-null", "binary"), BY_USER),
        changes={"websocket": {"error": None}},
    ),
    "benign.manager_per_request": row(
        passes=MANAGERS,
        changes={"websocket": {"factory": {"make": "manager.view('{user_id}')", "per": "request"}}},
    ),
}
