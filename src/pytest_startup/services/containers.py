"""The containers of one keeper: made, awaited and taken away again, and never anybody else's.

Each carries labels with the session's id, which nobody can guess, and with a random word of this very keeper.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError, ServiceUnavailable
from pytest_startup.services import daemon, ryuk, sweeping
from pytest_startup.services.errors import ServerEnded
from pytest_startup.services.places import Place

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

START_SECONDS = 45.0
"""How long a container may take from its start until a login works; less than whoever asks for it waits."""

_LAST_LINES = 15
_PROBE_PAUSE = 0.01
_PROBES_PER_LOOK = 8
"""How often we try to log in until we look again whether the container still runs, which costs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a container is made of. `data`: where its image keeps data, if it does not say so itself.

    `arguments` follow the image's entry point; `files` are put into it before it starts; `secret` is never shown.
    """

    service: str
    image: str
    port: int
    data: str
    arguments: tuple[str, ...]
    secret: str
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Containers:
    """The containers of the keeper at `place`."""

    place: Place
    owner: int
    _keeper: str = field(default_factory=lambda: secrets.token_hex(10))
    _running: list[tuple[Plan, DockerContainer]] = field(default_factory=list)
    _guardian: sweeping.Guardian | None = None
    _under_way: int = 0
    _closed: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _images: dict[str, threading.Lock] = field(default_factory=dict)

    @property
    def _labels(self) -> dict[str, str]:
        return sweeping.labels_of(self.place.session_id, self._keeper)

    def has(self, service: str, image: str) -> bool:
        """Whether the image is there; raises `ServiceUnavailable` when there is no daemon."""
        client = daemon.client_of(service)
        try:
            return daemon.has_image(client, image)
        except daemon.failures() as error:
            raise _refused(service, f"image {image} cannot be looked at: {daemon.words(error)}") from error
        finally:
            client.client.close()

    def fetch(self, service: str, image: str) -> None:
        """Have the image, pulling it if need be, once however many ask for it; raises `ServiceUnavailable`."""
        with self._changed:
            lock = self._images.setdefault(image, threading.Lock())
        with lock:
            if not self.has(service, image):
                daemon.pull(service, image)

    def start(self, plan: Plan, answers: Callable[[str, int], bool], deadline: Deadline) -> tuple[str, int]:
        """Start a container and return its address, host and port, once `answers` says so.

        Raises `ServiceUnavailable` when it cannot be made, ends, or does not answer in its time; with its last words.
        """
        self.fetch(plan.service, plan.image)
        seconds = min(START_SECONDS, max(deadline.remaining() - 1.0, 1.0))
        container: DockerContainer | None = None
        try:
            with self._making():
                container = _prepared(plan, self._labels)
                container.start()
            address = _awaited(container, plan, answers, Deadline.after(seconds, f"{plan.service}'s start"))
        except BaseException as error:
            if container is not None:
                _end(container)
            if isinstance(error, daemon.failures()):
                said = daemon.words(error).replace(plan.secret, "***")
                raise _refused(plan.service, f"no container of {plan.image} can be had: {said}") from error
            raise
        self._running.append((plan, container))
        return address

    @contextmanager
    def _making(self) -> Iterator[None]:
        """Note that a container is on its way: a keeper that closes must wait for it, to take it away."""
        with self._changed:
            if self._closed:
                raise ServiceError("no container is started: the run has ended")
            if self._guardian is None:
                self.place.containers.touch()
                self._guardian = sweeping.Guardian.start(self._labels, self.owner, self.place.session_id)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def obituary(self) -> str:
        """Return what is to be said of containers that ended when nobody expected it; empty as long as all is well."""
        return "".join(filter(None, (_lost(plan, container) for plan, container in list(self._running))))

    def close(self) -> None:
        """Take away every container of ours with its volumes, also those which are just being made."""
        with self._changed:
            self._closed = True
            if self._guardian is None:
                return
            self._changed.wait_for(lambda: not self._under_way, sweeping.MAKING_SECONDS)
        sweeping.remove(self._labels)
        ryuk.dismiss()
        self._guardian.dismiss()
        self.place.containers.unlink(missing_ok=True)


def _prepared(plan: Plan, labels: Mapping[str, str]) -> DockerContainer:
    """Return a container which is not made yet, in memory wherever its image keeps data."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415  # only where containers are wanted

    container = DockerContainer(plan.image, docker_client_kw={"timeout": daemon.CALL_SECONDS})
    container.with_command(list(plan.arguments)).with_envs(**plan.env).with_kwargs(labels=dict(labels))
    for path, text in plan.files.items():
        container.with_copy_into_container(text.encode(), path)
    client = container.get_docker_client()
    ryuk.prepare(client)
    for path in _volumes(client.client.images.get(container.image).attrs, plan):
        container.with_tmpfs_mount(path)
    host = daemon.published_on(client)
    if host is not None:
        bindings: Any = container.ports  # its type knows nothing of an address
        bindings[f"{plan.port}/tcp"] = (host,) if host else None
    return container


def _volumes(image: Mapping[str, Any], plan: Plan) -> list[str]:
    """Return where an image keeps data: what it declares as volumes, which would lie on a disk else."""
    configured: Mapping[str, Any] = image.get("Config") or {}
    return sorted(configured.get("Volumes") or ()) or [plan.data]


def _awaited(
    container: DockerContainer, plan: Plan, answers: Callable[[str, int], bool], deadline: Deadline
) -> tuple[str, int]:
    pause, address = threading.Event(), None
    while not deadline.expired:
        _check(container, plan)
        address = address or _address(container, plan)
        for _ in range(_PROBES_PER_LOOK):
            if address is not None and answers(*address):
                return address
            pause.wait(_PROBE_PAUSE)
    problem = f"{plan.image} does not answer as a {plan.service} within {deadline.seconds:.2g} s; its log ends with:\n"
    raise _refused(plan.service, problem + _last_words(container, plan))


def _address(container: DockerContainer, plan: Plan) -> tuple[str, int] | None:
    """Return where it is reached; None when it has none (yet, or any more): then it will be looked at again."""
    try:
        return daemon.address_of(container, plan.port)
    except (ConnectionError, RuntimeError, KeyError):
        return None


def _check(container: DockerContainer, plan: Plan) -> None:
    """Raise `ServiceUnavailable` with its last words when a container has ended."""
    code = _exit_code(container)
    if code is not None:
        ended = ServerEnded(plan.image, code, _last_words(container, plan))
        raise _refused(plan.service, str(ended))


def _exit_code(container: DockerContainer) -> int | None:
    """Return the exit code of a container that has ended, None while it runs."""
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    state: Mapping[str, Any] = wrapped.attrs["State"]
    return int(state["ExitCode"]) if state["Status"] in {"exited", "dead", "removing"} else None


def _last_words(container: DockerContainer, plan: Plan) -> str:
    log: bytes = container.get_wrapped_container().logs(tail=_LAST_LINES)
    return log.decode(errors="replace").replace(plan.secret, "***").rstrip() or "(nothing)"


def _lost(plan: Plan, container: DockerContainer) -> str:
    """Return what is to be said of a container that has ended, or was taken away by somebody else; else nothing."""
    from docker.errors import NotFound  # noqa: PLC0415  # imported already: there is a container

    try:
        code = _exit_code(container)
        said = "" if code is None else _last_words(container, plan)
    except NotFound:
        return f"\nthe container of {plan.image} was removed, and not by us"
    except daemon.failures() as error:
        return f"\nthe container of {plan.image} cannot be looked at: {daemon.words(error)}"
    return said and f"\nthe container of {plan.image} has ended with code {code}; its log ends with:\n{said}"


def _end(container: DockerContainer) -> None:
    """Take away a container that is of no use; if that fails, it goes with all others."""
    with suppress(Exception):
        container.stop()


def _refused(service: str, reason: str) -> ServiceUnavailable:
    key = f"services.{service}.container"
    way_out = f"look at its image, args and env ({key}, --startup-{service}-image), {daemon.INSTEAD}"
    return ServiceUnavailable(service, "docker", reason, way_out)
