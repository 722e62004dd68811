"""The result of a run for machines."""

from __future__ import annotations

import json
from typing import Any

from pytest_startup.events.process import Ready
from pytest_startup.report.judged import Case, Judged
from pytest_startup.report.summary import Result
from pytest_startup.report.timeline import ended, steps
from pytest_startup.report.words import masked
from pytest_startup.trace import Trace

FORMAT = 1
"""Version of this form; within one, keys are only ever added."""


def as_json(result: Result) -> str:
    """Return the result as a JSON document; all durations and moments in seconds, moments since the spawn."""
    verdicts = [test.verdict for test in result.tests]
    document = {
        "pytest-startup-result": FORMAT,
        "target": result.target,
        "contract": str(result.contract.source) if result.contract is not None and result.contract.source else None,
        "checks_executed": result.executed,
        "checks_demanded": result.demanded,
        "verdicts": {word: verdicts.count(word) for word in ("passed", "failed", "not covered", "not run")},
        "budgets": [
            {"layer": each.layer, "seconds": round(each.seconds, 3), "budget": each.budget} for each in result.spent
        ],
        "services": list(result.services),
        "boots": [_boot(path, trace, result) for path, trace in result.boots.items()],
        "tests": [_test(test) for test in result.tests],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _boot(path: str, trace: Trace, result: Result) -> dict[str, Any]:
    ready = trace.first(Ready)
    rows = steps(trace, result.contract) if result.contract is not None else []
    return {
        "trace": result.shown(path),
        "ready": None if ready is None else ready.at,
        "ended": ended(trace),
        "steps": [
            {"name": step.name, "phase": step.phase, "since": step.since, "until": step.until, "fault": step.fault}
            for step in rows
        ],
    }


def _test(test: Case) -> dict[str, Any]:
    return {
        "id": test.nodeid,
        "suite": test.suite,
        "rows": list(test.rows),
        "verdict": test.verdict,
        "seconds": round(test.seconds, 3),
        "words": masked(test.words),
        "judged": [_judged(each) for each in test.judged],
    }


def _judged(each: Judged) -> dict[str, Any]:
    return {
        "check": each.check,
        "subject": each.subject,
        "verdict": each.verdict,
        "reasons": [masked(reason) for reason in each.reasons],
        "trace": each.trace,
    }
