"""How long do users wait?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import latency

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.performance,
    pytest.mark.boot(exercise="crowd"),
]


@pytest.mark.row("W18")
@pytest.mark.multi_user
def test_turn_latency(judge, turn_latency):
    """Of many users who ask at the same moment, enough wait no longer than is allowed."""
    judge(latency.of_turns, turn_latency)


@pytest.mark.row("W18")
def test_frame_latency(judge, frame_latency):
    """When nothing else goes on, enough frames are answered within the time that is allowed."""
    judge(latency.of_frames, frame_latency)
