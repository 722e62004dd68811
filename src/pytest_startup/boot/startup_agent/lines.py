"""Faults of phases which only a line of the log tells of: they strike where that line is logged.

A line that is printed, or written past `logging`, cannot be struck.
"""

import logging
import re


def strike_lines(phases, orders):
    """From now on, strike the phases of `orders` at their lines, in whoever logs them."""
    original = logging.Logger.handle

    def handle(self, record):
        said = lines(self, record)
        for order in orders:
            before(phases, said, **order)
        original(self, record)
        for order in orders:
            if found(order["pattern"], said):
                phases.faults.of(order["name"]).end()

    logging.Logger.handle = handle


def before(phases, said, name, pattern, enter):
    """Strike a phase ahead of its line: at the one which begins it, or what is to make it last longer at its end."""
    fault = phases.faults.of(name)
    if not fault.stays:
        if found(pattern, said):
            fault.begin()
    elif found(enter or pattern, said):
        phases.entered(name)
        phases.strike(name, lambda: None)


def found(pattern, said):
    """Whether one of some lines is what a phase is recognised by."""
    return any(re.search(pattern, line) for line in said)


def lines(logger, record):
    """Return the line that each handler would make of a record: its first, as a traceback may quote any source."""
    texts = []
    for handler in handlers(logger) if not logger.disabled else ():
        if record.levelno >= handler.level:
            try:
                texts.append(handler.format(record))
            except Exception:  # noqa: S112 - the handler itself will say so
                continue
    return [line for text in texts for line in text.splitlines()[:1]]


def handlers(logger):
    """Yield the handlers that a record of a logger comes to."""
    any_at_all = False
    while logger is not None:
        for handler in logger.handlers:
            any_at_all = True
            yield handler
        logger = logger.parent if logger.propagate else None
    if not any_at_all and logging.lastResort is not None:
        yield logging.lastResort
