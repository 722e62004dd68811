"""Does the chat answer: all events, in order, for the question that was asked?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import chat

pytestmark = [
    pytest.mark.mission_critical,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.chat_events,
    pytest.mark.boot(exercise="use"),
]


@pytest.mark.row("E1", "E2", "E3", "E4", "E5", "I4")
def test_chat_event(judge, event):
    """The event comes to the user who asked: in its place, in time, of one run, and with the nonce of the question."""
    judge(chat.event, event)
