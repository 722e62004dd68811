"""Whether components can come to be as a contract demands, and grace periods be told from what follows them."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_startup.contract import raw
from pytest_startup.contract.order import find_cycle
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed


def check(contract: Raw, spot: Spot) -> None:
    """Note what no application could fulfil, or nobody could judge."""
    components = {name: raw.table(each) for name, each in raw.table(contract.get("components")).items()}
    provided = {
        name for _, phase in raw.items(contract.get("phases")) for name in raw.texts(raw.table(phase).get("provides"))
    }
    for name, component in components.items():
        if "within" in component and name not in provided:
            problem = "is counted from the phase that provides it, and no phase does"
            fix = f'write provides = ["{name}"] in its phase, or remove it'
            (spot / "components" / name / "within").wrong(problem, value=component["within"], fix=fix)
    _check_cycle(components, spot / "components")
    for index, period in raw.items(contract.get("grace")):
        _check_grace(raw.table(period), spot / "grace" / index)


def _check_cycle(components: Mapping[str, Raw], spot: Spot) -> None:
    graph = {name: list(raw.texts(table.get("after"))) for name, table in components.items()}
    cycle = find_cycle({name: [each for each in before if each in graph] for name, before in graph.items()})
    if cycle:
        first = next(name for name in graph if name in cycle)
        start = cycle.index(first)
        names = [*cycle[start:-1], *cycle[:start], first]
        problem = f"can never be: {' after '.join(names)}"
        (spot / first / "after").wrong(problem, fix=f"break the cycle in after of {listed(sorted(set(names)))}")


def _check_grace(period: Raw, spot: Spot) -> None:
    during, after = period.get("during"), period.get("after")
    if during is not None and during == after and isinstance(during, bool) == isinstance(after, bool):
        problem = "is what `status` is during the period as well, so that its end could not be told"
        (spot / "after").wrong(problem, value=after, fix="name two values which differ")
