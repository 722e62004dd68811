"""The Docker daemon of this machine as its own client shows it: nothing of ours tells a test what is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_startup.services.endpoints import OFFICIAL, Container, ServiceOptions, to_wire

SECONDS = 120.0
BUILD = Path(__file__).parents[1] / "images" / "build"
VARIABLES = {"postgres": "PYTEST_STARTUP_POSTGRES_IMAGE", "redis": "PYTEST_STARTUP_REDIS_IMAGE"}
SESSION = "pytest-startup.session"


def docker(*words: str, told: str = "") -> str:
    """Return what the docker client says; raises `CalledProcessError` when it fails."""
    done = subprocess.run(["docker", *words], input=told, capture_output=True, text=True, check=True, timeout=SECONDS)
    return done.stdout.strip()


def why_not() -> str:
    """Return why there is no daemon for us, in one line; empty where there is one."""
    if shutil.which("docker") is None:
        return "there is no docker client"
    try:
        docker("version", "--format", "{{.Server.Version}}")
    except subprocess.SubprocessError as error:
        return " ".join(str(getattr(error, "stderr", error)).split())
    return ""


@dataclass(frozen=True, slots=True)
class Images:
    """The images which the tests use."""

    postgres: str
    redis: str

    def options(self, postgres: Sequence[str] = (), redis: Sequence[str] = ()) -> ServiceOptions:
        """Return the options of a session whose services come out of them, with further arguments of the servers."""
        of = (Container(self.postgres, tuple(postgres)), Container(self.redis, tuple(redis)))
        return ServiceOptions("docker", postgres=of[0], redis=of[1])

    def wired(self) -> str:
        """Return these options as a client of the tests takes them."""
        return json.dumps(to_wire(self.options()))


def chosen_images() -> Images:
    """Return those which the environment names, else local ones, else (where those cannot be built) official ones."""
    named = {service: os.environ[name] for service, name in VARIABLES.items() if name in os.environ}
    if set(named) == set(VARIABLES):
        return Images(**named)
    built = subprocess.run([BUILD], capture_output=True, text=True, check=False, timeout=SECONDS)
    if built.returncode != 0:
        for image in OFFICIAL.values():
            docker("pull", "--quiet", image)
        return Images(**OFFICIAL)
    said = dict(line.split("=", 1) for line in built.stdout.split())
    return Images(**{service: said[name] for service, name in VARIABLES.items()})


def containers(*labels: str) -> list[dict[str, Any]]:
    """Return what is to be known of every container with these labels, whatever its state."""
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    found = docker("ps", "--all", "--quiet", "--no-trunc", *filters).split()
    try:
        return list(json.loads(docker("inspect", "--type", "container", *found))) if found else []
    except subprocess.CalledProcessError:  # one of them has just gone
        return containers(*labels)


def containers_of(session_id: str) -> list[dict[str, Any]]:
    """Return the containers of a session."""
    return containers(f"{SESSION}={session_id}")


def volumes() -> set[str]:
    """Return the names of all volumes."""
    return set(docker("volume", "ls", "--quiet").split())
