"""A template database is prepared once per run: the first who asks does it, everyone else waits for the result."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError
from pytest_startup.services.errors import TemplateFailed


@dataclass(slots=True)
class Template:
    """One template: in preparation by `client` until it is `ready`, or has a `failure`."""

    client: str
    database: str = ""
    ready: bool = False
    failure: str | None = None


@dataclass(slots=True)
class Templates:
    """All templates of a run, by the key that their users chose."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _all: dict[str, Template] = field(default_factory=dict)

    def claim(self, key: str, client: str, deadline: Deadline) -> bool:
        """Return True when `client` has to prepare it, False once it is ready.

        Raises `TemplateFailed` for everyone once the preparation failed; `DeadlineExceeded` while it goes on.
        """
        with self._changed:
            while True:
                template = self._all.get(key)
                if template is None:
                    self._all[key] = Template(client)
                    return True
                if template.failure is not None:
                    raise TemplateFailed(key, template.failure)
                if template.ready:
                    return False
                self._changed.wait(deadline.remaining())
                deadline.check()

    def fill(self, key: str, database: str) -> None:
        """Name the database in which the template is being prepared."""
        with self._changed:
            self._all[key].database = database

    def database(self, key: str) -> str:
        """Return the database of a template, ready or not; raises `ServiceError` when nobody asked for it yet."""
        with self._changed:
            template = self._all.get(key)
            if template is None or template.failure is not None:
                msg = f"template {key!r} is not there; ask for it with template() and say template_done() first"
                raise ServiceError(msg)
            return template.database

    def done(self, key: str) -> None:
        """Tell everyone that it is ready."""
        with self._changed:
            self._all[key].ready = True
            self._changed.notify_all()

    def failed(self, key: str, reason: str) -> None:
        """Tell everyone, now and later, that it cannot be had."""
        with self._changed:
            self._all[key].failure = reason
            self._changed.notify_all()

    def abandon(self, client: str) -> list[str]:
        """Forget what a client that is gone did not finish, so that the next one does it; return the databases."""
        with self._changed:
            left = [key for key, each in self._all.items() if each.client == client and not each.ready]
            unfinished = [key for key in left if self._all[key].failure is None]
            databases = [self._all.pop(key).database for key in unfinished]
            self._changed.notify_all()
            return [name for name in databases if name]
