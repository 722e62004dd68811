"""Variants of the example which are healthy, although they go another way when something else goes wrong."""
