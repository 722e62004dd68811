"""Test doubles of the standard library are loaded, as many libraries do; a module has "test" in its name."""

import sys
import types
import unittest.mock

from agent_chat.main import app

__all__ = ["app", "unittest"]

sys.modules["agent_chat.ab_test"] = types.ModuleType("agent_chat.ab_test")
