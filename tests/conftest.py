"""Virtual environments of other Pythons and other packages, made once and kept below `.venv`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Environment = Callable[..., Path]


@pytest.fixture(scope="session")
def environment(pytestconfig: pytest.Config) -> Environment:
    """Return the interpreter of a virtual environment of `version` with some packages, or skip (fail in CI)."""
    home = pytestconfig.rootpath / ".venv" / "others"

    def make(version: str, *packages: str) -> Path:
        base = shutil.which(f"python{version}")
        if base is None or subprocess.run([base, "-c", ""], capture_output=True, check=False).returncode:
            reason = f"there is no python{version} on PATH"
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        name = "-".join([version, *(Path(package).name.partition("-")[0] for package in packages)])
        python, ready = home / name / "bin" / "python", home / name / "ready"
        content = "\n".join(f"{package} {_stamp(package)}" for package in packages)
        if not ready.exists() or ready.read_text() != content:
            subprocess.run([base, "-m", "venv", "--clear", home / name], check=True, capture_output=True)
            install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
            subprocess.run(install, check=True, capture_output=True)
            ready.write_text(content)
        return python

    return make


def _stamp(package: str) -> str:
    """Return what tells one build of a wheel from the next."""
    return str(Path(package).stat().st_mtime_ns) if package.endswith(".whl") else ""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker make these environments, one after another: two would clear each other's."""
    for item in items:
        if "environment" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("environments"))


collect_ignore = ["faults"]
"""Changed applications for the detection table, no tests."""
