"""What comes before what."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pytest_startup.contract.order import Node, closure, edges, find_cycle, providers

NODES = [
    Node("init", provides=("settings",)),
    Node("database", needs=("settings", "postgres"), provides=("pool",)),
    Node("cache", after=("init",)),
    Node("chat", needs=("pool",), after=("cache", "unknown")),
    Node("alone", needs=("own",), provides=("own", "pool")),
]


def test_total():
    """In a total order everything listed before comes before."""
    found = closure(NODES, total=True)

    assert {"init", "database", "cache"} == found["chat"]
    assert frozenset() == found["init"]


def test_partial():
    """In a partial order only what is demanded comes before, directly or through others."""
    expected = {
        "init": set(),
        "database": {"init"},
        "cache": {"init"},
        "chat": {"init", "database", "cache"},
        "alone": set(),
    }

    assert expected == closure(NODES, total=False)


def test_edges():
    """A phase follows what its `after` names, and whatever provides what it needs; never itself."""
    assert {"database", "cache"} == edges(NODES)["chat"]
    assert frozenset() == edges(NODES)["alone"]


def test_providers():
    """The first phase to provide a component is its provider."""
    assert {"settings": "init", "pool": "database", "own": "alone"} == providers(NODES)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({}, ()),
        ({"a": ["b"], "b": []}, ()),
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["a"]}, ("a", "b", "a")),
    ],
)
def test_find_cycle(graph: dict[str, list[str]], expected: tuple[str, ...]):
    """A cycle is told as a chain in which each phase comes after the next."""
    cycle = find_cycle(graph)

    assert set(expected) == set(cycle)
    assert len(expected) == len(cycle)
    assert all(later in graph[earlier] for earlier, later in pairwise(cycle))
