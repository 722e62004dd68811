"""The table of the integration layer: fault -> the tests that are run, and exactly those of them which fail.

The services are real here too, though not in containers: what carries them is no matter of the application's. To add a
fault: write the file below tests/faults/integration, add the row, run
`python -m pytest tests/detection/test_boots.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import guarding, users
from .chosen import Row, row

ROWS: Mapping[str, Row] = {
    # the whole start does not do with real services what it did without them
    "seed_by_hand": row("test_real_start_becomes_ready", passes=("test_real_start_tells_its_failures",)),
    "migration_failure_caught": row(
        "test_real_start_tells_its_failures",
        passes=("test_real_start_becomes_ready", "test_real_service_answers[postgres]"),
    ),
    "warms_everything": row(
        "test_real_start_in_time",
        passes=("test_real_start_becomes_ready",),
        changes={"startup": {"max_seconds": 1.0}},
    ),
    "cache_in_memory": row("test_real_service_answers[redis]", passes=("test_real_service_answers[postgres]",)),
    "pool_of_its_own": row("test_real_stop_closes_its_connections", passes=("test_real_start_becomes_ready",)),
    "tables_made_blindly": row("test_restart_on_its_own_data", passes=("test_real_start_becomes_ready",)),
    **guarding.ROWS,
    # it starts more slowly than it did
    "start_slower": row(
        "test_startup_speed[baseline]",
        changes={"startup": {"baseline": "{faults}/integration/baseline.json"}},
    ),
    **users.ROWS,
}
