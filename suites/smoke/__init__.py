"""Smoke: one cold boot, watched from nothing to nothing, judged by everything that a healthy boot can show."""
