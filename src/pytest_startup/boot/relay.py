"""Traces handed on between the processes of one run: each boot is made by whoever claims it first."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.trace import Trace
from pytest_startup.variation import Variation

LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Relay:
    """A directory which the processes of a run have in common, and nobody else."""

    directory: Path

    def claim(self, variation: Variation) -> bool:
        """Whether it is on us to boot this one."""
        self.directory.mkdir(exist_ok=True)
        try:
            with self._file(variation, "claim").open("x", encoding="ascii") as claim:
                claim.write(str(os.getpid()))
        except FileExistsError:
            return False
        return True

    def hand_on(self, variation: Variation, trace: Trace | None) -> None:
        """Give a trace to whoever waits for it, as a whole or not at all; None: there will be none."""
        if trace is None:
            self._file(variation, "failed").touch()
            return
        made = self._file(variation, f"{os.getpid()}.part")
        trace.save(made)
        made.replace(self._file(variation, "jsonl"))

    def take(self, variation: Variation, deadline: Deadline) -> Trace | None:
        """Return the trace which another process makes; None when that gives up, ends, or takes too long."""
        made, failed = self._file(variation, "jsonl"), self._file(variation, "failed")
        pause = threading.Event()
        while not made.exists():
            if failed.exists() or not self._claimed(variation) or deadline.expired:
                return Trace.load(made) if made.exists() else None
            pause.wait(LOOK_SECONDS)
        return Trace.load(made)

    def _claimed(self, variation: Variation) -> bool:
        """Whether the process that claimed a boot is alive; one that writes its claim this moment is."""
        pid = self._file(variation, "claim").read_text(encoding="ascii")
        try:
            os.kill(int(pid or os.getpid()), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def _file(self, variation: Variation, kind: str) -> Path:
        return self.directory / f"{sha256(repr(variation).encode()).hexdigest()[:24]}.{kind}"
