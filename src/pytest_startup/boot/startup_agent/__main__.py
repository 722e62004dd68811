"""Entered by path: finds its own package, and leaves no trace of it on the path of the application."""

import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from startup_agent.run import main  # type: ignore[import-not-found]  # noqa: E402 - found by the path above

if __name__ == "__main__":
    main()
