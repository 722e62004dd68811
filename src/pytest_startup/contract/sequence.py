"""Whether the phases of a contract can run in the order that it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_startup.contract import raw
from pytest_startup.contract.order import Node, edges, find_cycle, providers
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed


@dataclass(frozen=True, slots=True)
class _Phase:
    """One phase as it is written, where, and what it says of the order."""

    spot: Spot
    table: Raw
    node: Node


def check(contract: Raw, spot: Spot) -> None:
    """Note everything about the phases which no order can fulfil."""
    phases = _phases(contract, spot / "phases")
    nodes = [phase.node for phase in phases]
    provider = providers(nodes)
    total = raw.table(contract.get("startup")).get("order", "total") == "total"
    for index, phase in enumerate(phases):
        _check_provides(phase, provider)
        if total:
            later = {node.name for node in nodes[index + 1 :]} - {node.name for node in nodes[: index + 1]}
            _check_after(phase, later)
            _check_needs(phase, later, provider)
    if not total:
        _check_cycle({phase.node.name: phase.spot for phase in reversed(phases)}, nodes)


def _phases(contract: Raw, spot: Spot) -> list[_Phase]:
    tables = [(spot / index, raw.table(phase)) for index, phase in raw.items(contract.get("phases"))]
    return [_Phase(here, table, _node(table)) for here, table in tables if isinstance(table.get("name"), str)]


def _node(table: Raw) -> Node:
    after, needs, provides = (raw.texts(table.get(key)) for key in ("after", "needs", "provides"))
    return Node(str(table["name"]), after, needs, provides)


def _check_provides(phase: _Phase, provider: Mapping[str, str]) -> None:
    name = phase.node.name
    for index, component in raw.items(phase.table.get("provides")):
        first = provider.get(str(component), name)
        if first != name:
            problem = f"is provided by the phase {first} already"
            (phase.spot / "provides" / index).wrong(problem, value=component, fix="let one phase provide it")
    for index, need in raw.items(phase.table.get("needs")):
        if provider.get(str(need)) == name:
            problem = "is provided by this very phase, which cannot need it before"
            fix = "remove it from needs; where a service is meant, give the component another name than the service has"
            (phase.spot / "needs" / index).wrong(problem, value=need, fix=fix)


def _check_after(phase: _Phase, later: set[str]) -> None:
    name = phase.node.name
    for index, before in raw.items(phase.table.get("after")):
        spot = phase.spot / "after" / index
        if before == name:
            spot.wrong("is this very phase", value=before, fix="remove it")
        elif before in later:
            problem = 'is listed later, and startup.order is "total"'
            fix = f'list {before} before {name}, or write order = "partial" in [startup]'
            spot.wrong(problem, value=before, fix=fix)


def _check_needs(phase: _Phase, later: set[str], provider: Mapping[str, str]) -> None:
    for index, need in raw.items(phase.table.get("needs")):
        by = provider.get(str(need), "")
        if by in later:
            problem = f'is provided by the phase {by}, which is listed later, and startup.order is "total"'
            fix = f'list {by} before {phase.node.name}, or write order = "partial" in [startup]'
            (phase.spot / "needs" / index).wrong(problem, value=need, fix=fix)


def _check_cycle(spots: Mapping[str, Spot], nodes: list[Node]) -> None:
    cycle = find_cycle(edges(nodes))
    if cycle:
        first = next(node.name for node in nodes if node.name in cycle)
        start = cycle.index(first)
        names = [*cycle[start:-1], *cycle[:start], first]
        problem = f"can never be entered: {' after '.join(names)}"
        spots[first].wrong(problem, fix=f"break the cycle in after or needs of {listed(sorted(set(names)))}")
