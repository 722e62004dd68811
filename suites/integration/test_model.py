"""What becomes of users while the language model fails?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import models

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.error_recovery,
    pytest.mark.row("I14"),
    pytest.mark.boot(exercise="model"),
]


def test_model_failure(judge, model):
    """What uses the model ends in an error, in time and with few requests: no hang, no answer that is made up."""
    judge(models.is_told, model)


def test_health_without_model(judge, model):
    """Liveness stays while the model fails, and readiness says what it should."""
    judge(models.keeps_health, model)


def test_model_is_back(judge, model):
    """Once the model fails no more it is used again, and readiness says so."""
    judge(models.is_over, model)
