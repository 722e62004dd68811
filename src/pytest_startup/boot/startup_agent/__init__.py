"""The agent: the part of a boot that runs inside the application's own interpreter.

It is run by path (`python startup_agent FD`), needs Python 3.9 or newer and the standard library only, and imports no
module that uvicorn does not import anyway, so that it can never stand in for an import which the application forgot
(only where time is moved, freezegun imports more of the standard library).
It changes nothing that the application could see: functions keep their identity (their code is what is exchanged),
objects keep their class.

On the channel FD (a socket) it reads the plan, one JSON line, and then commands; it writes events as JSON lines whose
fields are those of `pytest_startup.trace`, with `at` and `began` in seconds of the monotonic clock.
"""
