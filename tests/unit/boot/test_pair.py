"""Using two instances, as far as it can be looked at without any."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.pair import Pair
from pytest_startup.boot.recorder import Mask, Recorder


def test_means_end_with_a_user_who_breaks(monkeypatch: pytest.MonkeyPatch):
    """Connections of ours are closed, also when what users do raises something."""
    ended: list[bool] = []

    def breaks(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Walker, "walk", breaks)
    monkeypatch.setattr(Means, "end", lambda _: ended.append(True))
    journey = SimpleNamespace(name="a", steps=(), disturbance=None, sticky=False)
    contract, inside = SimpleNamespace(journeys=[journey]), SimpleNamespace(line=None)
    first: Any = SimpleNamespace(contract=contract, recorder=Recorder(Mask(())), examination=inside, known={})
    with pytest.raises(KeyboardInterrupt):
        Pair(first)._walk([SimpleNamespace(base="http://127.0.0.1:1", examination=inside)])
    assert [True] == ended
