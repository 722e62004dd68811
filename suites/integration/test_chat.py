"""The whole journey after a cold start, up to the records in the database, with real services."""

from __future__ import annotations

import pytest

from pytest_startup.checks import chat, journeys

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.boot(exercise="use"),
]


@pytest.mark.row("I9")
@pytest.mark.business_value
def test_conversation(judge, conversation):
    """Somebody new logs in, connects, asks, gets the events and the answer; and what they leave behind is there."""
    judge(journeys.completes, conversation)


@pytest.mark.row("I4", "E1", "E2", "E3", "E4", "E5")
@pytest.mark.chat_events
def test_chat_event(judge, event):
    """The event comes to the user who asked: in its place, in time, of one run, and with the nonce of the question."""
    judge(chat.event, event)


@pytest.mark.row("W21")
@pytest.mark.chat_events
def test_event_schema(judge, described):
    """The event is what its schema says: whoever reads it finds every field where they were told, and of its type."""
    judge(chat.schema, described)
