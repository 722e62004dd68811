"""Pure checks: a trace and a contract in, findings out. No input or output, no clock, no pytest.

A check has the form `check(trace, contract, subject) -> Verdict`; `subject` is the phase, component, link, service,
endpoint or pattern that it is about, or the empty string. What one boot cannot show is `NotCovered`, never a pass.
"""
