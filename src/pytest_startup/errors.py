"""Every error that this package raises, as one tree.

StartupError
├── DeadlineExceeded      something that was waited for did not happen in its time
├── BootError             a boot could not even be tried (not: the application failed, that is a finding)
├── NotReady              an application that somebody wants to use did not become ready
├── TraceError            a saved trace cannot be read
├── ServiceError          a service that the contract declares could not be had
│   └── ServiceUnavailable    ... from one provider, with the way out
└── ContractError         the contract has mistakes (defined in `pytest_startup.contract`)

Each class stores its fields and composes its own sentence: where it came from, what is wrong, what to do.
"""

from __future__ import annotations


class StartupError(Exception):
    """Root of all errors of this package."""


class DeadlineExceeded(StartupError):
    """Something did not happen within its time."""

    def __init__(self, what: str, seconds: float) -> None:
        """Name `what` was waited for, and its limit in `seconds`."""
        super().__init__(what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        """Say what was waited for and how long."""
        return f"{self.what} took longer than its {self.seconds:g} s"


class BootError(StartupError):
    """A boot could not be tried at all."""

    def __init__(self, what: str, reason: str, fix: str) -> None:
        """Say `what` was tried, the `reason` why it cannot be, and the `fix`."""
        super().__init__(what, reason, fix)
        self.what = what
        self.reason = reason
        self.fix = fix

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.what}: {self.reason}; {self.fix}"


class NotReady(StartupError):
    """An application which somebody wants to use did not become ready."""

    def __init__(self, why: str, account: str) -> None:
        """Say `why` in a line; the `account` is what is known of its start."""
        super().__init__(why, account)
        self.why = why
        self.account = account

    def __str__(self) -> str:
        """Say why, and give the account."""
        return f"the application did not become ready: {self.why}\n\n{self.account}".rstrip()


class TraceError(StartupError):
    """A saved trace cannot be read."""

    def __init__(self, source: str, line: int, reason: str) -> None:
        """Name the `source` file, the `line` (from 1) and the `reason`."""
        super().__init__(source, line, reason)
        self.source = source
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        """Point at the place."""
        return f"{self.source}:{self.line}: {self.reason}; record it again with this version"


class ServiceError(StartupError):
    """A service that the contract declares could not be had."""


class ServiceUnavailable(ServiceError):
    """One provider cannot give one service."""

    def __init__(self, service: str, provider: str, reason: str, way_out: str) -> None:
        """Name the `service`, the `provider`, the `reason`, and the `way_out`."""
        super().__init__(service, provider, reason, way_out)
        self.service = service
        self.provider = provider
        self.reason = reason
        self.way_out = way_out

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.service} from {self.provider}: {self.reason}; {self.way_out}"
