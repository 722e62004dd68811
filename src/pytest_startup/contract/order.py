"""What comes before what: pure functions over phases and their demands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter


@dataclass(frozen=True, slots=True)
class Node:
    """A phase as far as its order goes."""

    name: str
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()


def providers(nodes: Iterable[Node]) -> dict[str, str]:
    """Return component -> the first phase which provides it."""
    found: dict[str, str] = {}
    for node in nodes:
        for component in node.provides:
            found.setdefault(component, node.name)
    return found


def edges(nodes: Sequence[Node]) -> dict[str, frozenset[str]]:
    """Return phase -> the phases named in its `after`, and those which provide what it needs."""
    provider = providers(nodes)
    names = {node.name for node in nodes}
    return {
        node.name: frozenset(names.intersection(node.after))
        | ({provider[need] for need in node.needs if need in provider} - {node.name})
        for node in nodes
    }


def find_cycle(graph: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return one cycle in `graph`, each phase after the next, the first again at the end; or nothing."""
    try:
        TopologicalSorter({name: sorted(before) for name, before in graph.items()}).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()


def closure(nodes: Sequence[Node], *, total: bool) -> dict[str, frozenset[str]]:
    """Return phase -> everything which must come before it, in a total or a partial order without cycles."""
    if total:
        names = [node.name for node in nodes]
        return {name: frozenset(names[:index]) for index, name in enumerate(names)}
    graph = edges(nodes)
    found: dict[str, frozenset[str]] = {}
    for name in TopologicalSorter(graph).static_order():
        found[name] = graph[name].union(*(found[before] for before in graph[name]))
    return found
