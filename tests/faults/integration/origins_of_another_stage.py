"""The origins of staging had been deployed to production: page and API were up, and nothing could be used."""

from agent_chat import middleware
from agent_chat.main import app
from faults.integration.tampered import cors

__all__ = ["app"]

middleware.CORSMiddleware = cors(allow_origins=["https://staging.example.com"])
