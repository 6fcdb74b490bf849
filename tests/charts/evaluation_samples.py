"""Made-up rows of a run by generator and level: one that is right throughout, one never, one that nobody answered."""

from tracker.queries.evaluations import ClusterRow


def cluster_rows() -> list[ClusterRow]:
    def row(cluster: str, answered: int, exact: float | None, low: float | None, high: float | None) -> ClusterRow:
        error = None if exact is None else 0.04
        return ClusterRow(7, cluster, 25, answered, exact, error, low, high, exact)

    return [
        row("basic_arithmetic/easy", 25, 1.0, 0.87, 1.0),
        row("basic_arithmetic/hard", 25, 0.0, 0.0, 0.13),
        row("A generator with <b>a name</b> & more words than fit/medium", 24, 0.44, 0.27, 0.63),
        row("maze/easy", 0, None, None, None),
    ]
