"""Time that can be moved: to the application an ordinary clock, until it jumps.

freezegun changes `time` and `datetime`. It is found by its path, since nothing is installed where the application
lives. The loop's own clock stays real: what sleeps goes on sleeping, and what has to be looked at after a jump is
looked at on demand.
"""

import datetime as dt
import sys
import time
import types
import warnings

from .clock import now
from .words import describe

KEPT = ("startup_agent", "asyncio", "threading", "queue", "concurrent", "multiprocessing", "subprocess", "selectors")
"""Modules which keep the real clock where they hold it by a name of their own: what waits must not be confused."""

FUNCTIONS = ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns")


class MovedTime:
    """The clock of the application. Without a path to freezegun it is the real one, and cannot be moved."""

    def __init__(self, channel, plan):
        self.channel, self.path = channel, plan["freezegun"]
        self.api = self.factory = None
        self.shift = 0.0

    def prepare(self):
        """Replace the clocks before anything of the application can take one for its own; they are still real."""
        if self.path:
            self.attempt(self.replace)

    def begin(self):
        """Lead all clocks by ours, once the application is imported: many a library cannot be, with another `date`."""
        if self.api is not None:
            self.attempt(self.start)

    def attempt(self, step):
        """Take one step; say so where it cannot be done in this interpreter."""
        try:
            step()
        except Exception as error:
            self.api = None
            reason = "freezegun cannot be used in the application's interpreter: " + describe(error)
            self.channel.emit("TimeUnmovable", reason=reason)

    def replace(self):
        """Have the functions of `time` be those of freezegun, which ask the real ones until it is started."""
        self.api = load(self.path)
        for name in FUNCTIONS:
            setattr(time, name, getattr(self.api, "fake_" + name))

    def start(self):
        """Start freezegun; everybody sees the same time, whoever asks, and it agrees with the loop's until it jumps."""
        self.api._get_fake_monotonic = lambda: now() + self.shift
        self.api._get_fake_monotonic_ns = lambda: int((now() + self.shift) * 1e9)
        local = dt.datetime.now().astimezone().utcoffset()
        freezer = self.api.freeze_time(tz_offset=local, ignore=list(KEPT), tick=True, real_asyncio=True)
        self.api.call_stack_inspection_limit = 0
        self.factory = freezer.start()
        warnings.filterwarnings("ignore", r"datetime\.\w+ size changed")  # of an extension that is imported later

    def move(self, seconds):
        """Let some seconds pass at once."""
        if self.factory is not None and seconds > 0:
            self.channel.emit("TimeMoved", seconds=seconds)  # first: what is logged earlier, is logged before
            self.shift += seconds
            self.factory.move_to(self.factory() + dt.timedelta(seconds=seconds))


def load(path):
    """Import freezegun from its directory, and nothing else from there; return its `api`."""
    import importlib.util  # noqa: PLC0415 - an application may forget to import it, and must not find it

    stand_in = dateutil()
    hidden = {name: sys.modules.get(name) for name in stand_in}
    sys.modules.update(stand_in)
    try:
        spec = importlib.util.spec_from_file_location(
            "freezegun", path + "/__init__.py", submodule_search_locations=[path]
        )
        sys.modules["freezegun"] = package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        package.config.configure(default_ignore_list=list(KEPT))
        return package.api
    finally:
        for name, module in hidden.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module


def dateutil():
    """Return what freezegun wants of dateutil, by module: no release of it runs on every Python that we meet.

    It must not be found by the application either, which may have forgotten its own.
    """
    names = ("dateutil", "dateutil.tz", "dateutil.parser")
    package, tz, parser = (types.ModuleType(name) for name in names)
    tz.UTC = dt.timezone.utc
    tz.tzoffset = lambda name, offset: dt.timezone(offset, name)
    local = dt.datetime.now().astimezone().tzinfo
    tz.tzlocal = lambda: local
    package.tz, package.parser, package.__path__ = tz, parser, []
    return dict(zip(names, (package, tz, parser)))  # noqa: B905 - from 3.10
