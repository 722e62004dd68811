"""Are the components there, and do they hold one another?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import wiring

pytestmark = [pytest.mark.smoke, pytest.mark.startup, pytest.mark.row("S1", "S2", "S3")]


def test_component(judge, component):
    """A component is in its place once the application is ready."""
    judge(wiring.component, component)


def test_link(judge, link):
    """What a component holds is the very object that it should hold."""
    judge(wiring.link, link)
