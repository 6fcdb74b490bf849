"""How many queries each of these pages takes, and how large it is on the wire."""
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
pytestmark = pytest.mark.usefixtures("world")
def test_probe(client):
    for at in ("/", "/?as_of=2026-04-15","/compare/","/compare/?m=gpt-5&m=acme-two&m=birch-1","/compare.csv?m=gpt-5&m=acme-two","/regions/","/regions.csv","/models/gpt-5/","/models/birch-1/"):
        with CaptureQueriesContext(connection) as found:
            r=client.get(at, headers={"Accept-Encoding":"gzip"})
        print(at, r.status_code, len(found), len(r.content))
        if at=="/":
            for q in found: print("   ", q["time"], q["sql"][:150])
