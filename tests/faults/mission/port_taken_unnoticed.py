"""The script that runs the server took the end of it for a shutdown: a taken port was an exit with code 0.

Run as a program: `port_taken_unnoticed.py PORT`.
"""

import sys

import uvicorn
from starlette.applications import Starlette

app = Starlette()

if __name__ == "__main__":
    try:
        uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
    except SystemExit:
        sys.stdout.write("the server has ended\n")
