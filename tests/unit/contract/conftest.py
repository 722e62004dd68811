"""What the tests of the contract share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine is no mistake of a contract: only what is raised counts here, not how long it takes.
settings.register_profile("contract", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("contract")
