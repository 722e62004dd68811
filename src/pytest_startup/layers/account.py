"""The account of each layer: wall clock, counted between the ends of tests. Pure: moments come from the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """What each layer has spent of its budget, in seconds.

    The time between the ends of two tests belongs to the layer of the later one: so set-up, tear-down and whatever
    happens between tests is counted, and the time of other layers is not. What passed between the beginning of the
    run (`origin`) and its first test belongs to the layer that runs first.
    """

    budgets: Mapping[str, float]
    origin: float
    spent: dict[str, float] = field(default_factory=dict)
    longest: dict[str, tuple[float, str]] = field(default_factory=dict)
    _layer: str | None = None
    _test: str = ""
    since: float = field(init=False)
    _unassigned: float = 0.0
    _started: bool = False

    def __post_init__(self) -> None:
        """Begin to count at the origin."""
        self.since = self.origin

    def begin(self, layer: str | None, test: str, at: float) -> float | None:
        """Note that a test begins; return the moment at which its layer's budget ends, None without a layer."""
        if not self._started and layer is None:
            self._unassigned = at - self.origin
            self.since = at
        self._started = True
        self._layer, self._test = layer, test
        if layer is None:
            return None
        if not self.spent:
            self.spent[layer] = self._unassigned
        return self.since + self.budgets[layer] - self.spent.setdefault(layer, 0.0)

    def end(self, at: float) -> None:
        """Note that the test has ended, its tear-down included."""
        took = at - self.since
        self.since = at
        if self._layer is None:
            return
        self.spent[self._layer] += took
        if took > self.longest.get(self._layer, (0.0, ""))[0]:
            self.longest[self._layer] = (took, self._test)
        self._layer = None

    def running(self, at: float) -> dict[str, float]:
        """Return what each layer has spent until now, the running test included."""
        now = dict(self.spent)
        if self._layer is not None:
            now[self._layer] += at - self.since
        return now

    def left(self, at: float) -> float | None:
        """Return what the layer of the running test has left, in seconds; None where it has none."""
        return None if self._layer is None else self.budgets[self._layer] - self.running(at)[self._layer]
