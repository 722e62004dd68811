"""The last phase failed half-way, somebody caught the exception, and the application reported itself ready."""

import contextlib

from fastapi import FastAPI

from agent_chat.checks import Checks, Report
from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]

report = Checks.report


async def fail_once(_self: Checks) -> dict[str, Report]:
    """Fail where the phase tries everything; do what is expected afterwards."""
    Checks.report = report
    raise ConnectionError("analytics is away")


Checks.report = fail_once


@around("finalize")
async def go_on(run: Run, _app: FastAPI) -> None:
    """Swallow whatever happens."""
    with contextlib.suppress(Exception):
        await run()
