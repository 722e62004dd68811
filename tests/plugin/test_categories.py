"""Categories of the shipped suites: each can be run by itself, and together with others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "agent_chat"
SECONDS = 60.0

CATEGORIES = {
    "websocket and multi_user": ("mission_critical/test_sockets.py::test_users_come_and_go", "smoke/"),
    "chat_events": ("smoke/test_chat.py::test_chat_event", "test_becomes_a_user"),
    "security and not real_services": ("mission_critical/test_sockets.py::test_malformed", "integration/"),
    "smoke and websocket": ("smoke/test_chat.py::test_becomes_a_user", "test_becomes_ready"),
    "performance": ("integration/test_latency.py::test_turn_latency", "mission_critical/test_sockets.py"),
    "error_recovery": ("integration/test_reconnect.py::test_turn_goes_on", "test_chat_event"),
    "business_value": ("::", "test_becomes_ready"),
}
"""What is asked for -> the beginning of an id which must be among what is run, and what must stand in none of them."""


@pytest.mark.row("P9")
@pytest.mark.parametrize("expression", CATEGORIES)
def test_categories_are_run(expression: str):
    """A category runs what belongs to it, in whatever layer, and nothing else."""
    command = [sys.executable, "-m", "pytest", "-m", expression, "--collect-only", "-q", "-p", "no:cacheprovider"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    options = ["--rootdir", str(EXAMPLE), "-c", os.devnull, "--startup-contract", "startup.toml"]
    done = subprocess.run(
        [*command, *options],
        cwd=EXAMPLE,
        env=env | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_startup.plugin"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    ids = [line for line in done.stdout.splitlines() if line.startswith("pytest_startup/suites/")]
    belongs, foreign = CATEGORIES[expression]
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(belongs in each for each in ids)
    assert not [each for each in ids if foreign in each]
