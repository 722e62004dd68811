"""Integration: the application with real services, users at once, and whatever goes wrong around it."""
