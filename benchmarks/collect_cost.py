"""What the plugin costs a run that does not use it: CPU of `pytest --collect-only` in an empty project.

    python benchmarks/collect_cost.py [pairs]

Plugins of other packages are left out, since they would add the same noise to both sides. Bytecode may be written, as
it is by pip and by pytest's own import hook: without it every run compiles the plugin anew, some 6 ms more.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

from pairs import interleave, report


def cpu(*options: str) -> float:
    """Return the CPU milliseconds, user and system, of one run."""
    with tempfile.TemporaryDirectory() as empty:
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *options]
        subprocess.run(command, cwd=empty, env=env, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    pairs = interleave(count, lambda: cpu("-p", "pytest_startup.plugin"), cpu)
    report("CPU of an empty collection, with the plugin against without", "ms", pairs)


if __name__ == "__main__":
    main()
