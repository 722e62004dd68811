"""Does the chat answer: all events, in order, for the question that was asked?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import chat, journeys

pytestmark = [pytest.mark.smoke, pytest.mark.startup, pytest.mark.websocket]


@pytest.mark.row("I9")
def test_becomes_a_user(judge, asker):
    """Somebody new can do all that comes before a question."""
    judge(journeys.completes, asker)


@pytest.mark.business_value
@pytest.mark.chat_events
@pytest.mark.row("E1", "E2", "E3", "E4", "E5", "I4", "W15")
def test_chat_event(judge, event):
    """The event comes to the user who asked: in its place, in time, of one run, and with the nonce of the question."""
    judge(chat.event, event)
