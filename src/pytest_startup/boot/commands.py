"""Running a command in the setting of the application, to its end or to its limit, with everything that it has started.

`sh -c` and `uv run` leave a child behind when they alone are killed. So a command has a session and a tag of its own,
of which the keeper hears first: should we be killed meanwhile, it ends what carries the tag.
"""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_startup.boot.plan import Setting
from pytest_startup.boot.recorder import Mask
from pytest_startup.services import Keeper
from pytest_startup.services.reaping import TAG, end_tagged, end_tree

DRAIN_SECONDS = 1.0
"""How long we wait for the last output of a command that was killed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its code (None: it was still running at its limit), and the last lines of its output."""

    code: int | None
    output: tuple[str, ...]


def run(  # noqa: PLR0913 - what, where, how long, and what of it is kept
    argv: Sequence[str], setting: Setting, directory: Path, seconds: float, *, keeper: Keeper, mask: Mask, lines: int
) -> Ran:
    """Run a command for at most so many seconds; raises OSError when it cannot be started.

    One that has not ended by then is ended with all its children; what one that ends leaves running on purpose goes
    with the run. Standard output and standard error are one, as on a terminal; its secrets are masked.
    """
    tag = secrets.token_hex(16)
    keeper.expect(tag)
    with subprocess.Popen(
        argv,
        env={**setting.env, TAG: tag},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        code: int | None = None
        try:
            output, _ = process.communicate(timeout=seconds)
            code = process.returncode
        except subprocess.TimeoutExpired as late:
            output = late.output or b""
        finally:
            if code is None:  # at its limit, or because we are interrupted
                end_tree(process.pid)
                end_tagged({tag})
        if code is None:
            with suppress(subprocess.TimeoutExpired):
                output, _ = process.communicate(timeout=DRAIN_SECONDS)
    said = mask(output.decode(errors="replace")).splitlines()
    return Ran(code, tuple(said[-lines:]))
