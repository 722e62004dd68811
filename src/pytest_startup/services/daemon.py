"""The Docker daemon: whether it lets us in, whether an image is there, and where its containers are reached.

Everything goes through testcontainers, which knows where the daemon is (DOCKER_HOST, contexts, rootless, ssh), and is
imported only when containers are really wanted: in the keeper, never in the process of the tests.
"""

from __future__ import annotations

import importlib
import importlib.util
import ipaddress
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pytest_startup.errors import ServiceUnavailable

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.docker_client import DockerClient

INSTALL = 'pip install "pytest-startup[docker]"'
INSTEAD = "or choose another provider (--startup-provider embedded)"
LOOPBACK = "127.0.0.1"
IPV4 = 4

HELLO_SECONDS = 1.2
"""How long a daemon may take to say who it is; a healthy one needs some milliseconds."""

PULL_SECONDS = 600.0
CALL_SECONDS = 30.0
"""How long one call to a daemon which has said hello may take: to make a container, to remove one."""

_importing = threading.Lock()


def load_early() -> None:
    """Begin to import testcontainers, which takes some tenths of a second, before anybody waits for it."""

    def load() -> None:
        with suppress(ImportError), _importing:
            importlib.import_module("testcontainers.core.container")

    threading.Thread(target=load, name="startup-import", daemon=True).start()


def client_of(service: str, seconds: float = CALL_SECONDS, hello: float = HELLO_SECONDS) -> DockerClient:
    """Return a client whose calls take at most `seconds`, its first ones `hello`.

    Raises `ServiceUnavailable` when no daemon serves us.
    """
    if importlib.util.find_spec("testcontainers") is None:
        raise ServiceUnavailable(service, "docker", "testcontainers is not installed", f"{INSTALL}, {INSTEAD}")
    try:
        with _importing:
            from docker.errors import DockerException  # noqa: PLC0415  # as said above
            from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415  # as above
    except ImportError as error:
        reason = f"testcontainers cannot be imported ({error})"
        raise ServiceUnavailable(service, "docker", reason, f"{INSTALL}, {INSTEAD}") from error
    try:
        client = DockerClient(timeout=hello)
        client.client.ping()
    except (DockerException, OSError, ValueError) as error:
        raise _no_daemon(service, error) from error
    client.client.api.timeout = seconds
    return client


def _no_daemon(service: str, error: Exception) -> ServiceUnavailable:
    from testcontainers.core.docker_client import get_docker_host  # noqa: PLC0415  # as above

    where = "its usual socket"
    with suppress(Exception):
        where = get_docker_host() or where
    if _causes(error, PermissionError):
        reason = f"the Docker daemon at {where} does not let us in: permission denied"
        way_out = "add your user to the group docker and log in again, or use a rootless daemon"
    else:
        reason = f"no Docker daemon answers at {where} ({words(error)})"
        way_out = "start it, or name it by DOCKER_HOST"
    return ServiceUnavailable(service, "docker", reason, f"{way_out}, {INSTEAD}")


def _causes(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error was caused by another of this kind; urllib3 and requests hide causes among arguments."""
    if error is None or isinstance(error, kind):
        return error is not None
    hidden = (each for each in error.args if isinstance(each, BaseException))
    return any(_causes(each, kind) for each in (error.__cause__, error.__context__, *hidden))


def failures() -> tuple[type[Exception], ...]:
    """Return the errors by which a daemon refuses something, or fails to answer; called where docker is imported."""
    from docker.errors import DockerException  # noqa: PLC0415  # as above
    from requests.exceptions import RequestException  # noqa: PLC0415  # comes with docker

    return DockerException, RequestException, OSError


def words(error: BaseException) -> str:
    """Return what an error says, in one line which is not too long to read."""
    said = " ".join(str(getattr(error, "explanation", None) or error).split()) or type(error).__name__
    limit = 300
    return said if len(said) <= limit else said[:limit] + "..."


def has_image(client: DockerClient, image: str) -> bool:
    """Whether an image is there already."""
    from docker.errors import ImageNotFound  # noqa: PLC0415  # as above

    try:
        client.client.images.get(image)
    except ImageNotFound:
        return False
    return True


def pull(service: str, image: str) -> None:
    """Have an image pulled by the daemon; raises `ServiceUnavailable` with its words when it cannot be."""
    client = client_of(service, PULL_SECONDS)
    try:
        client.client.images.pull(*_name_and_tag(image))
    except failures() as error:
        reason = f"image {image} is not here, and cannot be pulled: {words(error)}"
        way_out = f"docker pull {image}, or name one that is here or on a mirror (--startup-{service}-image), {INSTEAD}"
        raise ServiceUnavailable(service, "docker", reason, way_out) from error
    finally:
        client.client.close()


def _name_and_tag(image: str) -> tuple[str, str | None]:
    """Return an image's name and its tag; without one, "latest" is meant and not every tag that there is."""
    name, colon, tag = image.rpartition(":")
    if "@" in image:
        return image, None
    return (name, tag) if colon and "/" not in tag else (image, "latest")


# -- where its containers are reached --------------------------------------------------------------------------------


def published_on(client: DockerClient) -> str | None:
    """Return the address to which a container's port is bound, empty: all; None: it needs none, we share a network.

    Loopback wherever the daemon is on this machine: nobody else shall reach a server of a test run.
    """
    mode = client.get_connection_mode()
    if not mode.use_mapped_port:
        return None
    host = _gateway(client) if mode.value == "gateway_ip" else client.host()
    if _is_ours(host):
        return LOOPBACK
    return host if mode.value == "gateway_ip" else ""


def address_of(container: DockerContainer, port: int) -> tuple[str, int]:
    """Return where a container's `port` is reached from here."""
    host = container.get_container_host_ip()
    return (LOOPBACK if _is_ours(host) else host), container._get_exposed_port(port)  # noqa: SLF001  # the other one waits


def _gateway(client: DockerClient) -> str:
    """Return the address of the daemon's machine in its usual network; older daemons don't say that it is the first."""
    configured: list[dict[str, Any]] = client.client.networks.get("bridge").attrs["IPAM"]["Config"]
    for each in configured:
        network = ipaddress.ip_network(each["Subnet"])
        if network.version == IPV4:
            return each.get("Gateway") or str(network[1])
    return ""


def _is_ours(host: str) -> bool:
    """Whether this is an address of the machine (or container) that we are on: then its loopback leads there too."""
    if host in {"localhost", LOOPBACK, "::1"}:
        return True
    with suppress(OSError), socket.socket() as probe:
        probe.bind((host, 0))
        return bool(host)
    return False
