"""Cold-boot an ASGI application and judge whether it is really ready to serve."""
