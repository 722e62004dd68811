"""The rows of the chat, of one user and of many: a part of the table of the integration layer."""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

CONVERSATION = "test_conversation[conversation]"
AT_ONCE, APART, FAIRLY = "test_users_at_once[10]", "test_users_apart[10]", "test_users_fairly[10]"
FIRST, ONE_NAME = "test_first_users[seed-1-10]", "test_one_name[seed-1-10]"


def event(kind: str) -> str:
    """Return the test of one event of the chat."""
    return f"test_chat_event[{kind}]"


QUICK: Mapping[str, object] = {"chat": {"first_within": 2.0}}
"""Where a first event is late, it need not be waited for so long."""

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
    # many users at once
    "user_global": row(AT_ONCE, passes=(event("agent_completed"), CONVERSATION)),
    "run_shared": row(APART, CONVERSATION, passes=(AT_ONCE, event("agent_completed"))),
    "first_gets_tools": row(AT_ONCE, event("tool_executing"), passes=(APART,)),
    "sockets_by_address": row(AT_ONCE, passes=(event("agent_completed"), CONVERSATION)),
    "lock_for_all": row(AT_ONCE, passes=(event("agent_completed"), FAIRLY), changes=QUICK),
    "question_lost": row(AT_ONCE, FIRST, passes=(event("agent_completed"), ONE_NAME)),
    "latest_first": row(FAIRLY, passes=(AT_ONCE, event("agent_completed"))),
    # the first users of all
    "default_row_raced": row(FIRST, passes=(ONE_NAME, AT_ONCE, event("agent_completed"))),
    "name_looked_up": row(ONE_NAME, passes=(FIRST,)),
    "name_doubled": row(ONE_NAME, passes=(FIRST,)),
    # it looks odd, and is healthy
    "benign.heartbeats_between": row(passes=(event("agent_completed"), CONVERSATION, AT_ONCE)),
    "benign.answer_in_pieces": row(passes=(event("agent_completed"), event("text_delta"), AT_ONCE), changes=IN_PIECES),
    "benign.tools_at_once": row(passes=(event("agent_completed"), AT_ONCE, FAIRLY), changes=TOOLS_AT_ONCE),
}
