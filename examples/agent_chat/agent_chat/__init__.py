"""A chat with an agent behind it: FastAPI, Postgres, Redis, an OpenAI-compatible model and a WebSocket."""
