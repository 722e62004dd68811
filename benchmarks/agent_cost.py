"""What the agent costs: time to ready under the agent, against the same application under plain uvicorn.

python benchmarks/agent_cost.py [path of a contract with a launch.target] [pairs]
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

from pairs import interleave, report

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.contract.values import Command, Target
from pytest_startup.events.process import Ready
from pytest_startup.services import Keeper, ServiceOptions, new_session_id

EXAMPLE = Path(__file__).parents[1] / "examples" / "agent_chat" / "startup.toml"


def plain(contract: Contract) -> Contract:
    """Return the same contract, launched by uvicorn's own command line and seen from outside alone."""
    target = contract.launch.app
    if not isinstance(target, Target):
        sys.exit("the contract has no launch.target")
    words = ["{python}", "-u", "-m", "uvicorn", str(target), "--lifespan", contract.launch.lifespan, "--port", "{port}"]
    paths = os.pathsep.join(map(str, contract.launch.import_path))
    env = {**contract.launch.env, **({"PYTHONPATH": paths} if paths else {})}
    words += ["--factory"] if target.factory else []
    return dataclasses.replace(
        contract, launch=dataclasses.replace(contract.launch, app=Command(tuple(words)), env=env)
    )


def time_to_ready(contract: Contract, keeper: Keeper) -> float:
    """Return the seconds from spawn to ready."""
    ready = record(contract, keeper).first(Ready)
    if ready is None:
        sys.exit("the application did not become ready")
    return ready.at


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else EXAMPLE
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20  # noqa: PLR2004 - the second argument
    contract = read(path)
    joining = Deadline.after(60, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        without = plain(contract)
        pairs = interleave(count, lambda: time_to_ready(contract, keeper), lambda: time_to_ready(without, keeper))
    report("time to ready, agent against plain uvicorn", "s", pairs)


if __name__ == "__main__":
    main()
