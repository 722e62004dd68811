"""Accounts, tokens, and the keys by which other services check them."""
