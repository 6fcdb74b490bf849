"""The programming interface: the public data set by table, its description, and errors of one shape."""
