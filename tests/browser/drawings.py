"""Which charts and pages a browser looks at: one of every kind, or with AXE_ALL=1 all, in four times the time."""

import os

from tracker.charts import CHARTS

ALL = bool(os.environ.get("AXE_ALL"))
# One chart of every kind of drawing.
KINDS = ("frontier", "waterfall", "specification", "survival", "strategies", "price-capability", "statements")
DRAWINGS = tuple(sorted(CHARTS)) if ALL else KINDS
