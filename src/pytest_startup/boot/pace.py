"""Starting an application again and again, alone, to see how long that takes."""

from __future__ import annotations

import subprocess
import sys

from pytest_startup.baseline import Baseline, Sample, compared
from pytest_startup.boot.boot import Boot
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.process import BootPaced, Ready
from pytest_startup.trace import Trace

RECORDED = 8
"""Startups of which a baseline is made."""

LEAST, MOST = 4, 12
"""Startups which are compared with it, at least and at most: fewer cannot tell, and more would tell little more."""

SECONDS = 60.0
REFERENCE_SECONDS = 10.0

REFERENCE = """
import asyncio, decimal, email.message, http.client, json, logging.config, ssl, time, unittest.mock, xml.dom.minidom
print(time.process_time())
"""
"""Much like what a startup does: find, read and run modules. It prints its CPU seconds, Python's own start too."""


class Pace:
    """Takes samples until they tell whether the application has become slower than its baseline."""

    def __init__(self, boot: Boot) -> None:
        """Follow a boot, which has brought all files into memory."""
        self._boot = boot
        self._samples: list[Sample] = []

    def keep(self) -> None:
        """Boot again and again; a boot that is not ready ends it."""
        self._boot.stop()
        deadline = Deadline.after(SECONDS, "comparing startups")
        before = _reference()
        while not (self._enough() or deadline.expired or self._boot.aborted):
            taken = self._sample()
            after = _reference()
            if taken is None:
                return
            trace, cpu, queued = taken
            self._note(trace, cpu, queued, (before + after) / 2)
            before = after

    def _enough(self) -> bool:
        return enough(self._boot.contract, self._samples)

    def _sample(self) -> tuple[Trace, float, float] | None:
        """Boot once, with services of its own; return its trace, its CPU seconds, and those without a core."""
        boot = self._boot
        successor = Boot(boot.contract, boot.keeper, peers=boot.peers)
        boot.followed_by(successor)
        with successor:
            ready, effort = successor.until_ready(), successor.effort()
        return (successor.trace, *effort) if ready else None

    def _note(self, trace: Trace, cpu: float, queued: float, reference: float) -> None:
        ready = trace.first(Ready)
        assert ready is not None  # noqa: S101
        sample = Sample(max(cpu, ready.at - queued), cpu, reference, _phases(trace))
        self._samples.append(sample)
        self._boot.recorder.add(
            BootPaced(
                at=self._boot.recorder.elapsed(),
                seconds=sample.seconds,
                cpu=sample.cpu,
                reference=sample.reference,
                phases=dict(sample.phases),
            )
        )


def enough(contract: Contract, samples: list[Sample]) -> bool:
    """Whether these samples tell what there is to tell."""
    baseline = contract.recorded or Baseline()
    if not baseline.samples:
        return len(samples) >= RECORDED
    if len(samples) < LEAST:
        return False
    return len(samples) >= MOST or compared(baseline, samples).exceeds(1 + contract.startup.max_slowdown) is not None


def _reference() -> float:
    """Return the CPU seconds of the reference, now."""
    command = [sys.executable, "-I", "-S", "-c", REFERENCE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=REFERENCE_SECONDS, check=True)
    return float(done.stdout)


def _phases(trace: Trace) -> dict[str, float]:
    """Return the seconds of each phase that was entered and left."""
    entered = {each.phase: each.at for each in reversed(trace.all(PhaseEntered))}
    left = {each.phase: each.at for each in trace.all(PhaseLeft)}
    return {name: left[name] - at for name, at in entered.items() if name in left}
