"""Faults that show only when users, real services and other instances are there.

What has to fail stands in tests/detection/integration.py.
"""
