"""Ends well if Pegel is healthy on each of the given ports of this machine: a container is so as well."""

import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 4.0


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not all(healthy(int(port)) for port in sys.argv[1:]))
