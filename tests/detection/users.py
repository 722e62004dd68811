"""The rows of the chat, of one user and of many: a part of the table of the integration layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .chosen import Row, row

CONVERSATION = "test_conversation[conversation]"
AT_ONCE, APART, FAIRLY = "test_users_at_once[10]", "test_users_apart[10]", "test_users_fairly[10]"
FIRST, ONE_NAME = "test_first_users[seed-1-10]", "test_one_name[seed-1-10]"


def shape(kind: str) -> str:
    """Return the test of the schema of one event."""
    return f"test_event_schema[{kind}]"


def event(kind: str) -> str:
    """Return the test of one event of the chat."""
    return f"test_chat_event[{kind}]"


SCRIPT: Sequence[Mapping[str, object]] = (
    {"type": "agent_started", "within": 2.0},
    {"type": "agent_thinking", "within": 3.0},
    {"type": "tool_executing", "within": 6.0, "nonce": "payload.arguments"},
    {"type": "tool_completed", "within": 1.5, "nonce": "payload.result"},
    {"type": "agent_completed", "within": 6.0},
)
PATIENT: Mapping[str, object] = {"chat": {"events": [{**each, "within": 12.0} for each in SCRIPT]}}
"""Where it is about who is served before whom, nobody is served too late."""

QUICK: Mapping[str, object] = {"chat": {"events": list(SCRIPT)}}
"""Where an event is late, it need not be waited for so long."""

GREETED: Mapping[str, object] = {
    "chat": {
        "greeting": [{"type": "connected", "within": 2.0}],
        "capture": {"session": "session"},
        "ask": [
            {"type": "resume", "session": "{session}"},
            {"type": "user_message", "content": "When does the delivery {nonce} come?"},
        ],
    }
}
"""The server speaks first, and gives what must be shown when something is asked."""

OVER_HTTP: Mapping[str, object] = {
    "chat": {
        "ask": None,
        "asks": {
            "post": "/messages",
            "headers": {"Authorization": "Bearer {token}"},
            "json": {"content": "When does the delivery {nonce} come?"},
        },
        "events": list(SCRIPT),
    }
}
"""What is asked by a request is answered over the socket."""

IN_PIECES: Mapping[str, object] = {
    "chat": {
        "events": [
            "agent_started",
            {"type": "agent_thinking", "optional": True},
            "tool_executing",
            "tool_completed",
            {"type": "text_delta", "repeated": True},
            "agent_completed",
        ]
    }
}
TOOLS_AT_ONCE: Mapping[str, object] = {
    "chat": {
        "events": [
            "agent_started",
            "agent_thinking",
            {"type": "tool_executing", "repeated": True},
            {"type": "tool_completed", "repeated": True},
            "agent_completed",
        ]
    }
}

ROWS: Mapping[str, Row] = {
    # the chat of one user
    "events_canned": row(event("tool_executing"), CONVERSATION, passes=(event("agent_started"),)),
    "event_dropped": row(event("tool_executing"), CONVERSATION, passes=(event("agent_thinking"),)),
    "events_swapped": row(event("agent_started"), CONVERSATION),
    "end_doubled": row(event("agent_completed"), CONVERSATION, passes=(event("tool_completed"),)),
    "first_event_late": row(event("agent_started"), CONVERSATION, changes=QUICK),
    "answer_cached": row(event("agent_completed"), passes=(event("tool_completed"), CONVERSATION)),
    "records_missing": row(CONVERSATION, passes=(event("agent_completed"),)),
    "event_within": row(event("tool_completed"), CONVERSATION, passes=(event("tool_executing"),), changes=QUICK),
    "id_twice": row(event("tool_completed"), CONVERSATION, passes=(event("tool_executing"),)),
    "number_left_out": row(event("agent_completed"), CONVERSATION, passes=(event("tool_completed"),)),
    "field_renamed": row(
        shape("tool_completed"), passes=(shape("tool_executing"), event("tool_completed"), CONVERSATION)
    ),
    "field_of_another_type": row(
        shape("agent_thinking"), passes=(shape("agent_started"), event("agent_thinking"), CONVERSATION)
    ),
    "greeting_missing": row(event("connected"), AT_ONCE, changes=GREETED),
    "greeting_wrong": row(event("connected"), AT_ONCE, changes=GREETED),
    "asked_in_vain": row(event("agent_started"), AT_ONCE, changes=OVER_HTTP),
    "asked_and_refused": row(event("agent_started"), AT_ONCE, changes=OVER_HTTP),
    # many users at once
    "user_global": row(AT_ONCE, passes=(event("agent_completed"), CONVERSATION)),
    "run_shared": row(APART, CONVERSATION, passes=(AT_ONCE, event("agent_completed"))),
    "first_gets_tools": row(AT_ONCE, event("tool_executing"), passes=(APART, CONVERSATION)),
    "sockets_by_address": row(AT_ONCE, passes=(event("agent_completed"), CONVERSATION)),
    "lock_for_all": row(AT_ONCE, passes=(event("agent_completed"), FAIRLY), changes=QUICK),
    "question_lost": row(AT_ONCE, FIRST, passes=(event("agent_completed"), ONE_NAME)),
    "latest_first": row(FAIRLY, passes=(AT_ONCE, event("agent_completed")), changes=PATIENT),
    # the first users of all
    "default_row_raced": row(FIRST, passes=(ONE_NAME, AT_ONCE, event("agent_completed"))),
    "name_looked_up": row(ONE_NAME, passes=(FIRST,)),
    "name_doubled": row(ONE_NAME, passes=(FIRST,)),
    # it looks odd, and is healthy
    "benign.heartbeats_between": row(passes=(event("agent_completed"), CONVERSATION, AT_ONCE)),
    "benign.answer_in_pieces": row(passes=(event("agent_completed"), event("text_delta"), AT_ONCE), changes=IN_PIECES),
    "benign.more_in_frames": row(passes=(shape("agent_completed"), event("agent_completed"), CONVERSATION, AT_ONCE)),
    "benign.greets_first": row(
        passes=(event("connected"), event("agent_completed"), shape("agent_completed"), CONVERSATION, AT_ONCE),
        changes=GREETED,
    ),
    "benign.asked_over_http": row(passes=(event("agent_completed"), CONVERSATION, AT_ONCE), changes=OVER_HTTP),
    "benign.tools_at_once": row(passes=(event("agent_completed"), AT_ONCE, FAIRLY), changes=TOOLS_AT_ONCE),
}
