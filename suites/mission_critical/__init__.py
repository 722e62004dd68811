"""Mission critical: the boot under fault. Each test judges a boot of its own, in which one thing goes wrong."""
