"""What the web server calls."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from landscape.local import memory
from landscape.observe import traces
from landscape.observe.counting import COUNTER

memory.give_back()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
# What answers readers may not keep the database busy for long: see STATEMENT_TIMEOUT.
os.environ.setdefault("PROCESS", "web")
COUNTER.begin(settings.COUNTS_FOLDER, "web", thread=True)
traces.begin(settings.OTEL_EXPORTER_OTLP_ENDPOINT, "web")

application = get_wsgi_application()
