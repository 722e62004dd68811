"""A setting that only the factory reads was not set in production."""

from fastapi import FastAPI


def create_app() -> FastAPI:
    """Fail as the real one did."""
    raise RuntimeError("FEATURE_FLAGS is not set")
