"""Equations, complex numbers and angles."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-algebra",
    title="Algebra and geometry",
    area="algebra",
    version=1,
    about="Linear equations, roots of polynomials, complex numbers, angles of polygons and points of triangles.",
    levels=(
        *levels(
            "simple_equations",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "max_value": 20},
                "medium": {"min_terms": 3, "max_terms": 4, "max_value": 100},
                "hard": {"min_terms": 6, "max_terms": 8, "min_value": 50, "max_value": 2000},
            },
        ),
        *levels(
            "polynomial_equations",
            {
                "easy": {"min_terms": 3, "min_degree": 1, "max_degree": 1, "max_value": 20},
                "medium": {"min_terms": 4, "min_degree": 2, "max_degree": 2, "max_value": 50},
                "hard": {"min_terms": 4, "min_degree": 3, "max_degree": 3, "max_value": 100},
            },
            many=True,  # roots in any order
            chance={"easy": 0.18, "hard": 0.15},
        ),
        *levels(
            "complex_arithmetic",
            {
                "easy": {"operations": ["+", "-"], "operations_weights": [0.5, 0.5]},
                "medium": {"operations": ["*"], "operations_weights": [1.0]},
                "hard": {
                    "operations": ["*"],
                    "operations_weights": [1.0],
                    "min_real": -999,
                    "max_real": 999,
                    "min_imag": -999,
                    "max_imag": 999,
                },
            },
        ),
        *levels(
            "simple_geometry",
            {
                "easy": {"min_sides": 3, "max_sides": 3},
                "medium": {"min_sides": 5, "max_sides": 6},
                "hard": {"min_sides": 10, "max_sides": 14},
            },
        ),
        *levels(
            "advanced_geometry",
            {
                "easy": {"task_types": ["orthocenter"], "min_coord": -5, "max_coord": 5},
                "medium": {"task_types": ["angle_measure"]},
            },
        ),
    ),
)
