"""The table of the integration layer: fault -> the tests that are run, and exactly those of them which fail.

The services are real here too, though not in containers: what carries them is no matter of the application's. To add a
fault: write the file below tests/faults/integration, add the row, run
`python -m pytest tests/detection/test_boots.py -k NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

ROWS: Mapping[str, Row] = {
    # it starts more slowly than it did
    "start_slower": row(
        "test_startup_speed[baseline]",
        changes={"startup": {"baseline": "{faults}/integration/baseline.json"}},
    ),
}
