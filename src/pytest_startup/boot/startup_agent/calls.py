"""Calls of the application's functions, seen without changing what the functions are."""

import inspect
import sys
import types


def intercept(function, around):
    """Lead every call of a Python function through `around(original, args, kwargs)`, by whatever reference.

    The function object stays the same; only its code is exchanged, so that tables, `from x import f` copies, partials
    and decorators which hold it are all seen.
    """
    original = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__
    original.__qualname__ = function.__qualname__
    function.__signature__ = inspect.signature(function)

    def call(*args, **kwargs):
        return around(original, args, kwargs)

    # The relay must close over as many names as the original, or Python refuses the exchange.
    names = ["free%d" % n for n in range(len(function.__closure__ or ()))]
    sort, wait = ("async ", "await ") if inspect.iscoroutinefunction(original) else ("", "")
    source = (
        "def make(%s):\n"
        " %sdef relay(*args, **kwargs):\n"
        "  call = '@call'\n"
        "  return %scall(*args, **kwargs)\n"
        "  %s\n"
        " return relay"
    )
    scope = {}
    exec(source % (", ".join(names), sort, wait, ", ".join(names)), scope)  # noqa: S102
    code = scope["make"](*names).__code__
    function.__code__ = code.replace(
        co_consts=tuple(call if value == "@call" else value for value in code.co_consts),
        co_filename=original.__code__.co_filename,
        co_firstlineno=original.__code__.co_firstlineno,
        co_name=original.__code__.co_name,
        co_flags=code.co_flags,
    )
    function.__defaults__ = function.__kwdefaults__ = None


def descend(holder, qualname):
    """Return (owner, name, function) for a dotted name within a module."""
    parts = qualname.split(".")
    for part in parts[:-1]:
        holder = getattr(holder, part)
    found = getattr(holder, parts[-1])
    return holder, parts[-1], getattr(found, "__func__", found)


class AfterImport:
    """A finder that finds nothing itself, but calls back once a named module has been executed."""

    def __init__(self):
        self.callbacks = {}
        self.asking = False

    def when(self, module, callback):
        """Call `callback(module)` after the module's import, now if it has been."""
        if module in sys.modules:
            callback(sys.modules[module])
        else:
            self.callbacks.setdefault(module, []).append(callback)

    def find_spec(self, name, path=None, target=None):
        """Let the others find the module; wrap its execution."""
        if self.asking or name not in self.callbacks:
            return None
        self.asking = True
        try:
            spec = next((s for s in (f.find_spec(name, path, target) for f in list(sys.meta_path)) if s), None)
        finally:
            self.asking = False
        if spec is not None and hasattr(spec.loader, "exec_module"):
            self._wrap(spec.loader, self.callbacks.pop(name))
        return spec

    @staticmethod
    def _wrap(loader, callbacks):
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            for callback in callbacks:
                callback(module)

        loader.exec_module = exec_module
