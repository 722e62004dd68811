"""The layers: their order, and their budgets, which are enforced.

`account` counts (pure), `watchdog` interrupts (no pytest), `last_resort` ends a run that cannot be interrupted,
`enforcement` puts them between pytest's hooks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_startup.contract.model import Budgets

BUDGET = {"smoke": "smoke", "mission_critical": "mission_critical", "real_services": "integration"}
"""Marker of a layer -> its key under [budgets]; in the order in which layers run."""

NEEDS_SERVICES = "needs real services; run them with: pytest --real-services"


def layer_of(item: pytest.Item) -> str | None:
    """Return the layer of a test by its marker; what needs real services belongs to no quicker layer."""
    marked = {mark.name for mark in item.iter_markers()} & BUDGET.keys()
    if "real_services" in marked:
        return "real_services"
    return next((layer for layer in BUDGET if layer in marked), None)


def budgets(given: Budgets) -> dict[str, float]:
    """Return marker -> seconds."""
    return {layer: float(getattr(given, key)) for layer, key in BUDGET.items()}


def order(items: list[pytest.Item]) -> None:
    """Sort the tests of layers among the places which they have; what belongs to no layer stays where it is."""
    rank = {layer: number for number, layer in enumerate(BUDGET)}
    places = [number for number, item in enumerate(items) if layer_of(item)]
    layered = sorted((items[place] for place in places), key=lambda item: rank[layer_of(item) or "smoke"])
    for place, item in zip(places, layered, strict=True):
        items[place] = item


def skip_real_services(items: Iterable[pytest.Item]) -> None:
    """Skip what needs real services, and say how to run it."""
    for item in items:
        if layer_of(item) == "real_services":
            item.add_marker(pytest.mark.skip(reason=NEEDS_SERVICES))
