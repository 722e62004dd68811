"""Benign variants: the example done in another way that is just as good. None of them may raise an alarm."""
