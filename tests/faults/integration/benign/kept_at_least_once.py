"""What was kept may come twice, with the id that it has: clients drop what they have seen."""

from faults.integration.replayed_twice import app

__all__ = ["app"]
