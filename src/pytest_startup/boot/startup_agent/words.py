"""Exceptions, bodies and stacks as text; nothing of the agent itself is shown."""

import asyncio
import json
import os
import re
import sys
import threading
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
MISSING = object()
MOST_STACKS = 16  # who reads them wants to know what hangs, not all that runs


def describe(error):
    """Return an exception as one line: its type and the first line of what it says."""
    return said(traceback.format_exception_only(type(error), error))


def last_line(text):
    """Return the line of a traceback which says what was raised (in a group: the last one), else the last line."""
    plain = re.sub(r"(?m)^ *\| ?", "", text)
    frame, _, rest = plain.rpartition('\n  File "')
    return said(rest.splitlines()[1:]) if frame else said(reversed(plain.splitlines()))


def said(texts):
    """Return the first line of some texts that is not indented, as the lines of a frame or of source are."""
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return next((line.strip() for line in lines if not line.startswith(" ")), "")


def select_fields(body, names):
    """Return the named fields (dotted paths) of a JSON body."""
    try:
        document = json.loads(body) if names else {}
    except ValueError:
        return {}
    found = {}
    for name in names:
        value = document
        for part in name.split("."):
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
        if value is not MISSING:
            found[name] = value
    return found


def stack_of(frame, depth=8):
    """Return the innermost frames of a stack as text, without ours."""
    frames = [each for each in traceback.extract_stack(frame) if not each.filename.startswith(HERE)] if frame else []
    return "".join(traceback.format_list(frames[-depth:])).rstrip()


def chain(coroutine):
    """Yield the lines at which a coroutine and those it awaits stand."""
    while coroutine is not None:
        frame = next(
            (f for f in (getattr(coroutine, n, None) for n in ("cr_frame", "gi_frame", "ag_frame")) if f), None
        )
        if frame is not None and not frame.f_code.co_filename.startswith(HERE):
            yield "  %s:%d in %s" % (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        inner = (getattr(coroutine, name, None) for name in ("cr_await", "gi_yieldfrom", "ag_await"))
        coroutine = next((value for value in inner if value is not None), None)


def stacks(loop):
    """Return what every task and every thread is doing, outermost first; those that do the same thing once."""
    try:
        tasks = list(asyncio.all_tasks(loop)) if loop is not None else []
    except RuntimeError:  # the set changed while it was copied
        tasks = []
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    running = [(ident, frame) for ident, frame in sys._current_frames().items() if ident != threading.get_ident()]
    return "\n".join(
        [
            *listed(("task " + task.get_name(), "\n".join(chain(task.get_coro()))) for task in tasks),
            *listed(("thread %s" % names.get(ident, ident), stack_of(frame)) for ident, frame in running),
        ]
    )


def listed(named):
    """Yield stacks in words, each once, with the first of those who are there."""
    doing = {}
    for name, stack in named:
        if stack:
            doing.setdefault(stack, []).append(name)
    for stack, names in list(doing.items())[:MOST_STACKS]:
        others = " (and %d more like it)" % (len(names) - 1) if len(names) > 1 else ""
        yield "%s%s\n%s" % (names[0], others, stack)
    if len(doing) > MOST_STACKS:
        yield "... and %d more" % (len(doing) - MOST_STACKS)
