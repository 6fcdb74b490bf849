"""A run by level: a bar is its whole interval, also where no answer was right."""

from tracker.charts import evaluation_clusters
from tracker.queries.evaluations import ClusterRow


def test_an_interval_that_is_far_wider_than_the_values_is_drawn_whole():
    row = ClusterRow(
        evaluation=1, cluster="sums/easy", questions=1, answered=1, exact=0.0, error=None, low=0.0, high=0.79, own=None
    )
    drawn = evaluation_clusters.figure([row, row])
    assert drawn["layout"]["xaxis"]["range"] == [-2, 102]
    assert drawn["data"][0]["error_x"]["array"] == [79.0, 79.0]
    assert "1 question " not in evaluation_clusters.alt([row])
    assert "1 question;" in evaluation_clusters.alt([row, row])
