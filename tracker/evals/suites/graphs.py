"""Ways through grids and networks, islands, prerequisites and families."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-graphs",
    title="Graphs",
    area="graphs",
    version=1,
    about="Shortest ways, islands, prerequisites without circles, stars of paths, spreading, and who is whose aunt.",
    levels=(
        *levels(
            "shortest_path",
            {
                "easy": {"min_rows": 3, "max_rows": 4, "min_cols": 3, "max_cols": 4, "p_blocked": 0.2},
                "medium": {"min_rows": 5, "max_rows": 7, "min_cols": 5, "max_cols": 7, "p_blocked": 0.3},
                "hard": {"min_rows": 10, "max_rows": 12, "min_cols": 10, "max_cols": 12, "p_blocked": 0.3},
            },
            many=True,
            chance={"medium": 0.18, "hard": 0.18},
        ),
        *levels(
            "largest_island",
            {
                "easy": {
                    "min_rows": 3,
                    "max_rows": 4,
                    "min_cols": 3,
                    "max_cols": 4,
                    "max_num_islands": 2,
                    "max_island_size": 4,
                },
                "medium": {"min_num_islands": 2},
                "hard": {
                    "min_rows": 15,
                    "max_rows": 18,
                    "min_cols": 15,
                    "max_cols": 18,
                    "min_num_islands": 5,
                    "max_num_islands": 9,
                },
            },
            chance={"easy": 0.37, "hard": 0.14},
        ),
        *levels(
            "course_schedule",
            {
                "easy": {"min_num_courses": 3, "max_num_courses": 4},
                "medium": {"min_num_courses": 8, "max_num_courses": 12},
                "hard": {
                    "min_num_courses": 25,
                    "max_num_courses": 35,
                    "max_num_prerequisites": 3,
                    "max_cycle_length": 8,
                },
            },
            chance={"easy": 0.51, "medium": 0.56, "hard": 0.56},
        ),
        *levels(
            "family_relationships",
            {
                "easy": {"min_family_size": 4, "max_family_size": 4},
                "medium": {"min_family_size": 8, "max_family_size": 10},
            },
            chance={"easy": 0.23, "medium": 0.14},
        ),
        *levels(
            "path_star",
            {
                "easy": {"degree": 2, "node_range": 100, "min_path_length": 2, "max_path_length": 3},
                "medium": {"degree": 3, "node_range": 1000, "min_path_length": 4, "max_path_length": 5},
                "hard": {"degree": 8, "node_range": 100_000, "min_path_length": 8, "max_path_length": 10},
            },
        ),
        *levels(
            "rotten_oranges",
            {"easy": {"min_n": 3, "max_n": 4}, "medium": {"min_n": 6, "max_n": 8}, "hard": {"min_n": 15, "max_n": 18}},
            chance={"easy": 0.36, "medium": 0.21, "hard": 0.28},
        ),
        *levels(
            "quantum_lock",
            {"easy": {"difficulty": 3}, "medium": {"difficulty": 8}},
            many=True,
        ),
    ),
)
