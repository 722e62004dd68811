"""The suites that ship with pytest-startup; a user's project runs them as they are."""
