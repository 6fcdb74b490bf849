"""What the machine tells of itself: lines of a log, counts, traces. It knows nothing of the product."""
