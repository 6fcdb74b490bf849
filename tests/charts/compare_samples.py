"""Made-up rows for the chart of models side by side: six models with hostile names, gaps in what was measured."""

from tracker.queries.compare import Beside

MODELS = (
    ("Open model <b>one</b> & a name that is longer than a telephone is wide", "open"),
    ("Closed two", "closed"),
    ("Open three", "open"),
    ("Closed four", "closed"),
    ("Nobody's five", ""),
    ("Closed six", "closed"),
)


def beside_rows(models: int = 6, benchmarks: int = 26) -> list[Beside]:
    """Every fifth score is missing, every third is without an error; one benchmark in seven is of points."""
    rows = []
    for at in range(benchmarks):
        elo = at % 7 == 6
        for nth, (name, side) in enumerate(MODELS[:models]):
            number = at * models + nth
            value = None if number % 5 == 4 else (1200.0 + number if elo else round(0.08 + 0.003 * number, 4))
            known = value is not None and number % 3 != 0
            rows.append(
                Beside(
                    f"Benchmark {at} of <i>tasks</i>", f"b-{at}", "coding", "elo" if elo else "proportion", at == 3,
                    name, f"m-{nth}", side, value, value - 0.04 if known else None, value + 0.04 if known else None,
                    "high" if value is not None else "", "third-party" if value is not None else "",
                    "A source" if value is not None else "", number if value is not None else None,
                )
            )  # fmt: skip
    return rows
