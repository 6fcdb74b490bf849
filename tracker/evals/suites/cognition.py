"""Finding, seeing and going on: a fact in a crowd, a turned cube, rows of numbers, a pattern."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-cognition",
    title="Attention and patterns",
    area="cognition",
    version=1,
    about="A fact among many, a cube turned in the mind, rows of numbers to go on with, a pattern with holes.",
    levels=(
        *levels(
            "needle_haystack",
            {
                "easy": {"min_num_statements": 5, "max_num_statements": 10},
                "medium": {"min_num_statements": 40, "max_num_statements": 60},
                "hard": {"min_num_statements": 150, "max_num_statements": 200},
            },
        ),
        *levels(
            "color_cube_rotation",
            {
                "easy": {"min_rotations": 1, "max_rotations": 1},
                "medium": {"min_rotations": 3, "max_rotations": 4},
                "hard": {"min_rotations": 12, "max_rotations": 16},
            },
            chance=1 / 6,
        ),
        *levels(
            "number_sequence",  # a complexity of 3 can take minutes for one question
            {
                "easy": {"max_complexity": 1, "min_value": 0, "max_value": 20},
                "medium": {"max_complexity": 2},
                "hard": {"max_complexity": 2, "max_terms": 5, "min_value": -1000, "max_value": 1000},
            },
        ),
        *levels(
            "modulo_grid",
            {
                "easy": {"size_x": 8, "size_y": 8, "max_divisor": 5, "max_target": 5},
                "medium": {"size_x": 12, "size_y": 12, "max_divisor": 9, "max_target": 9, "max_holes": 3},
            },
        ),
    ),
)
