"""The text of a failed check."""

from __future__ import annotations

from pytest_startup.events.edge import Probed
from pytest_startup.events.process import LogLine, Ready
from pytest_startup.findings import Finding
from pytest_startup.report.failure import Again, Failure
from pytest_startup.trace import Trace

AGAIN = Again(
    nodeid="pytest_startup/suites/smoke/test_phases.py::test_phase_order[a b]",
    options=("--startup-contract=my app.toml",),
)

ORDER = Finding(
    subject="cache",
    expected="database has ended before cache begins",
    observed="cache began 12.0 ms before database had ended",
    at=1.5,
    look_at="main.py",
    on_purpose='startup.order = "partial"',
)

TEXT = """\
cache began 12.0 ms before database had ended [M1, M6]

  expected    database has ended before cache begins
  observed    cache began 12.0 ms before database had ended
  when        1.500 s after the spawn

  timeline
        1.000 s  lifespan       began
        1.050 s  entered        init
        1.050 s  left           init
        1.052 s  readiness      503 up=False (inside)
        1.100 s  entered        database
  >     1.500 s  left           database
        1.500 s  entered        cache
        1.520 s  readiness      503 up=False (inside)
        1.750 s  left           cache

  log (the last 1 of 1 lines until then)
        1.100 s  connecting to redis://:***@127.0.0.1:6379/0

  look at     main.py
  if this is on purpose: startup.order = "partial"

  judge it again without booting:  \
pytest "pytest_startup/suites/smoke/test_phases.py::test_phase_order[a b]" '--startup-contract=my app.toml' \
--startup-trace=boot.jsonl
  boot only this again:            \
pytest "pytest_startup/suites/smoke/test_phases.py::test_phase_order[a b]" '--startup-contract=my app.toml'"""


def _failure(*findings: Finding, trace: Trace, again: Again = AGAIN) -> str:
    return Failure(rows=("M1", "M6"), findings=findings, trace=trace, again=again).text()


def test_whole_text(boot: Trace):
    """Expected, observed, where on the timeline, the log before, what to look at, and how to judge it again."""
    again = Again(nodeid=AGAIN.nodeid, options=AGAIN.options, trace="boot.jsonl")
    assert _failure(ORDER, trace=boot, again=again) == TEXT


def test_about_the_boot_as_a_whole(boot: Trace):
    """A finding without a moment shows no excerpt, but the end of the log."""
    text = _failure(Finding(subject="boot", expected="ready", observed="not ready"), trace=boot)
    assert "timeline" not in text
    assert "log (the last 1 of 1" in text
    assert "when" not in text
    assert "--startup-trace" not in text


def test_several_findings(boot: Trace):
    """All findings are shown, and the headline says how many more there are."""
    text = _failure(ORDER, Finding(subject="x", expected="e", observed="o"), trace=boot)
    assert text.startswith("cache began 12.0 ms before database had ended (and 1 more) [M1, M6]\n")
    assert text.count("  expected ") == 2


def test_the_same_again_is_one_line():
    """Probes that say the same many times take one line of the excerpt."""
    probes = [
        Probed(at=n / 10, began=n / 10, vantage="outside", role="liveness", path="/", answer="refused", fields={})
        for n in range(1, 40)
    ]
    text = _failure(Finding(subject="x", expected="e", observed="o", at=4.0), trace=Trace.of([*probes, Ready(at=4.0)]))
    assert "        0.100 s  liveness       refused (outside)  (39 times until 3.900 s)\n" in text
    assert "  >     4.000 s  ready\n" in text


def test_only_the_last_lines_of_the_log():
    """Ten lines of log before the moment, none after it."""
    lines = [LogLine(at=float(n), stream="stdout", text=f"line {n}") for n in range(30)]
    text = _failure(Finding(subject="x", expected="e", observed="o", at=20.0), trace=Trace.of(lines))
    assert "log (the last 10 of 21 lines until then)" in text
    assert "line 20" in text
    assert "line 10\n" not in text
    assert "line 21" not in text


def test_secrets_are_masked_everywhere(boot: Trace):
    """Whatever looks like the password of a URL is masked, also where a check quotes it."""
    said = "cannot reach amqp://me:s3cret/@broker and 'https://u:p@ss@h/x'"
    text = _failure(Finding(subject=said, expected=said, observed=said, look_at=said, on_purpose=said), trace=boot)
    for secret in ("s3cret", "p@ss", "hunter2"):
        assert secret not in text
    assert "amqp://me:***@broker" in text
