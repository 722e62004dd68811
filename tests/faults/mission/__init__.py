"""Faults that show only when something else goes wrong: the phase that hangs, the service that dies.

What has to fail stands in tests/detection/mission.py.
"""
