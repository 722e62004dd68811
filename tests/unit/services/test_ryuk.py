"""Ryuk, without Docker: what testcontainers is told before it starts it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("testcontainers")

from testcontainers.core.config import testcontainers_config as config
from testcontainers.core.container import Reaper

from pytest_startup.services import daemon, ryuk


def test_it_does_not_wait_long(monkeypatch: pytest.MonkeyPatch):
    """When whoever made the containers is gone, Ryuk has removed them within 5 s: it waits 2 s for a return."""
    told: list[str] = []
    monkeypatch.setattr(config, "_ryuk_disabled", False)
    monkeypatch.setattr(config, "ryuk_reconnection_timeout", "10s")
    monkeypatch.setattr(daemon, "has_image", lambda *_: True)
    monkeypatch.setattr(Reaper, "get_instance", lambda: told.append(config.ryuk_reconnection_timeout))
    nobody: Any = None
    ryuk.prepare(nobody)
    assert ["2s"] == told
