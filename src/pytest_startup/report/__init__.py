"""What a run has to say: findings, traces and results, rendered as text and JSON. Pure: no pytest, no I/O."""
