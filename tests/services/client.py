"""A client of a keeper in a process of its own, which does what it is told, line by line: run by the tests.

python client.py SESSION_ID OWNER_PID [OPTIONS], where owner 0 means itself. Each line of its input is a JSON object
with the name of a `call` and its arguments; each line of its output is one with `ok` or `error`. At the end of input it
closes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_startup.clock import Deadline
from pytest_startup.errors import StartupError
from pytest_startup.services import Endpoint, Keeper, ServiceOptions
from pytest_startup.services.endpoints import options_from, to_wire

SECONDS = 20.0


def calls(keeper: Keeper) -> Mapping[str, Callable[..., Any]]:
    """Return what can be called."""

    def soon() -> Deadline:
        return Deadline.after(SECONDS, "a call of the test's client")

    return {
        "hello": lambda: keeper.client,
        "postgres": lambda template=None: to_wire(keeper.postgres(soon(), template)),
        "redis": lambda: to_wire(keeper.redis(soon())),
        "llm": lambda replies=(): to_wire(keeper.llm(replies, soon())),
        "give_back": lambda endpoint: keeper.give_back(Endpoint(**endpoint)),
        "template": lambda key: _wired(keeper.template(key, soon())),
        "template_done": lambda key: keeper.template_done(key, soon()),
        "guard": keeper.guard,
        "expect": keeper.expect,
        "release": keeper.release,
        "guard_path": lambda path: keeper.guard_path(Path(path)),
        "choices": lambda: [str(each) for each in keeper.choices()],
    }


def _wired(endpoint: Endpoint | None) -> dict[str, Any] | None:
    return None if endpoint is None else to_wire(endpoint)


def _options(words: Sequence[str]) -> ServiceOptions:
    """Return the options of these words: provider and URLs, or all of them as JSON."""
    return options_from(json.loads(words[0])) if words and words[0].startswith("{") else ServiceOptions(*words)


def main() -> None:
    """Join, obey, close; Ctrl-C ends it also where whoever started it ignores that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    session_id, owner, *words = sys.argv[1:]
    deadline = Deadline.after(SECONDS, "joining")
    with Keeper.join(session_id, int(owner) or os.getpid(), _options(words), deadline) as keeper:
        known = calls(keeper)
        for line in sys.stdin:
            told = json.loads(line)
            try:
                answer = {"ok": known[told.pop("call")](**told)}
            except StartupError as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
