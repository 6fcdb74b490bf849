"""`python -m landscape.local.alive [PORT]`: whether the web server of this container answers, for its health check."""

import sys
from urllib.error import URLError
from urllib.request import urlopen

# As the health checks in deploy/ allow.
SECONDS = 4.0


def alive(port: int) -> bool:
    """Whether `/healthz` at this port of this machine says 200 within four seconds."""
    try:
        # The name must be one of ALLOWED_HOSTS.
        with urlopen(f"http://localhost:{port}/healthz", timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if alive(int(sys.argv[1]) if len(sys.argv) > 1 else 8000) else 1)
