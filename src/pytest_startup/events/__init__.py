"""The events of a boot, by where they are seen. `at` is in seconds since the spawn, on the monotonic clock."""
