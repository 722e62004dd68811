"""What the keeper hosts: each service started once, on first use, and handed out to clients piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable, StartupError
from pytest_startup.services.databases import Databases
from pytest_startup.services.endpoints import Choice, Endpoint, ServiceOptions
from pytest_startup.services.errors import TemplateFailed
from pytest_startup.services.indexes import Indexes
from pytest_startup.services.llm import LlmStubs, Reply
from pytest_startup.services.processes import Site
from pytest_startup.services.providers import Request, choose, databases_of, indexes_of
from pytest_startup.services.templates import Templates

T = TypeVar("T")


class Once(Generic[T]):
    """Something that is made by whoever needs it first; everyone else waits, each until a deadline of his own.

    That nobody can give it is remembered; that it took too long is not.
    """

    def __init__(self, make: Callable[[Deadline], T]) -> None:
        """Remember how it is made."""
        self._make = make
        self._lock = threading.Lock()
        self._made: T | None = None
        self._refusal: ServiceUnavailable | None = None

    def get(self, deadline: Deadline) -> T:
        """Return it, making it if need be."""
        if not self._lock.acquire(timeout=deadline.remaining()):
            deadline.check()
        try:
            return self._get(deadline)
        finally:
            self._lock.release()

    def _get(self, deadline: Deadline) -> T:
        if self._refusal is not None:
            raise self._refusal
        if self._made is None:
            try:
                self._made = self._make(deadline)
            except ServiceUnavailable as error:
                self._refusal = error
                raise
        return self._made

    @property
    def made(self) -> T | None:
        """What was made so far."""
        return self._made


@dataclass(slots=True)
class Hosting:
    """All services of one session."""

    site: Site
    options: ServiceOptions
    templates: Templates = field(default_factory=Templates)
    choices: dict[str, Choice] = field(default_factory=dict)
    _postgres: Once[Databases] = field(init=False)
    _redis: Once[Indexes] = field(init=False)
    _stubs: LlmStubs = field(init=False)

    def __post_init__(self) -> None:
        """Make the places; start nothing."""
        self._postgres = Once(self._start_postgres)
        self._redis = Once(self._start_redis)
        self._stubs = LlmStubs(self.site)

    def _start_postgres(self, deadline: Deadline) -> Databases:
        given, choice = choose("postgres", Request(self.options, self.site, deadline))
        self.choices["postgres"] = choice
        return databases_of(given, self.site.place.session_id)

    def _start_redis(self, deadline: Deadline) -> Indexes:
        given, choice = choose("redis", Request(self.options, self.site, deadline))
        self.choices["redis"] = choice
        return indexes_of(given, self.site.place.session_id, deadline)

    def warm(self, services: Sequence[str], deadline: Deadline) -> None:
        """Start services that will be needed, each in a thread of its own; nobody waits, failures show at first use."""
        starts: dict[str, Callable[[], Callable[[], object]]] = {
            "postgres": lambda: lambda: self._postgres.get(deadline),
            "redis": lambda: lambda: self._redis.get(deadline),
            "llm": lambda: self._stubs.warm(deadline),
        }
        for name in starts.keys() & set(services):
            threading.Thread(target=_quietly, args=(starts[name](),), daemon=True).start()

    def absent_images(self, services: Sequence[str]) -> list[str]:
        """Return the images of these services which have to be pulled first; raises `ServiceUnavailable`: no daemon."""
        images = ((each, self.options.image(each)) for each in services)
        return [image for each, image in images if image and not self.site.containers.has(each, image)]

    def pull(self, services: Sequence[str]) -> None:
        """Have the images of these services, all pulled at once; raises `ServiceUnavailable` when one cannot be."""
        wanted = [(each, self.options.image(each)) for each in services]
        with ThreadPoolExecutor() as pulls:
            done = [pulls.submit(self.site.containers.fetch, each, image) for each, image in wanted if image]
        for each in done:
            each.result()

    def postgres(self, template: str | None, deadline: Deadline) -> Endpoint:
        """Return a new database: empty, or a clone of a template that is ready."""
        source = self.templates.database(template) if template is not None else None
        return self._postgres.get(deadline).create(deadline, source)

    def redis(self, deadline: Deadline) -> Endpoint:
        """Return an empty index."""
        return self._redis.get(deadline).take(deadline)

    def llm(self, replies: Sequence[Reply], deadline: Deadline) -> Endpoint:
        """Return a stub with this script."""
        endpoint = self._stubs.take(replies, deadline)
        self.choices["llm"] = self._stubs.choice()
        return endpoint

    def template(self, key: str, client: str, deadline: Deadline) -> Endpoint | None:
        """Return an empty database that the client has to prepare; None when the template is ready."""
        if not self.templates.claim(key, client, deadline):
            return None
        try:
            endpoint = self._postgres.get(deadline).create(deadline)
        except Exception as error:
            self.templates.failed(key, str(error))
            raise
        self.templates.fill(key, endpoint.database)
        return endpoint

    def template_done(self, key: str, deadline: Deadline) -> None:
        """Close a template that its client has prepared, and tell everyone."""
        try:
            self._postgres.get(deadline).seal(self.templates.database(key), deadline)
        except Exception as error:
            self.templates.failed(key, str(error))
            raise TemplateFailed(key, str(error)) from error
        self.templates.done(key)

    def give_back(self, endpoint: Endpoint) -> None:
        """Drop or clear what a boot had."""
        if endpoint.service == "llm":
            self._stubs.give_back(endpoint)
        elif endpoint.service == "postgres" and self._postgres.made is not None:
            self._postgres.made.drop([endpoint.database])
        elif endpoint.service == "redis" and self._redis.made is not None:
            self._redis.made.give_back(endpoint)

    def abandon(self, client: str) -> None:
        """Forget the templates that a client which is gone had not finished."""
        unfinished = self.templates.abandon(client)
        if self._postgres.made is not None:
            self._postgres.made.drop(unfinished)

    def close(self) -> None:
        """Leave foreign servers as they were; our own are ended with the site."""
        if self._postgres.made is not None and self._postgres.made.server.provider == "external":
            self._postgres.made.drop_all()
        if self._redis.made is not None:
            self._redis.made.close()


def _quietly(start: Callable[[], object]) -> None:
    with suppress(StartupError):
        start()
