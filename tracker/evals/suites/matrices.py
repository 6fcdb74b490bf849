"""Tables of numbers: turning, cutting, pooling, and cells that live and die."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-matrices",
    title="Tables of numbers",
    area="algorithms",
    version=1,
    about="Turning, mirroring, cutting and pooling tables of numbers, and one or more steps of the game of life.",
    levels=(
        *levels(
            "rotate_matrix",
            {
                "easy": {"min_n": 2, "max_n": 3, "min_rotations": 1, "max_rotations": 3},
                "medium": {"min_n": 4, "max_n": 6, "min_rotations": 1, "max_rotations": 7},
                "hard": {"min_n": 9, "max_n": 10, "min_rotations": 1, "max_rotations": 10},
            },
        ),
        *levels(
            "manipulate_matrix",
            {
                "easy": {"min_rows": 2, "max_rows": 3, "min_cols": 2, "max_cols": 3, "max_transforms": 1},
                "medium": {
                    "min_rows": 3,
                    "max_rows": 5,
                    "min_cols": 3,
                    "max_cols": 5,
                    "min_transforms": 2,
                    "max_transforms": 3,
                },
                "hard": {
                    "min_rows": 6,
                    "max_rows": 9,
                    "min_cols": 6,
                    "max_cols": 9,
                    "min_transforms": 6,
                    "max_transforms": 8,
                },
            },
        ),
        *levels(
            "pool_matrix",
            {
                "easy": {
                    "min_rows": 2,
                    "max_rows": 4,
                    "min_cols": 2,
                    "max_cols": 4,
                    "min_pool_size": 2,
                    "max_pool_size": 2,
                },
                "medium": {
                    "min_rows": 6,
                    "max_rows": 9,
                    "min_cols": 6,
                    "max_cols": 9,
                    "min_pool_size": 2,
                    "max_pool_size": 3,
                },
            },
        ),
        *levels(
            "game_of_life",
            {
                "easy": {"grid_size_x": 4, "grid_size_y": 4, "filled_cells_weights": 0.4},
                "medium": {"grid_size_x": 6, "grid_size_y": 6, "filled_cells_weights": 0.4},
                "hard": {"grid_size_x": 8, "grid_size_y": 8, "filled_cells_weights": 0.4, "simulation_steps": 3},
            },
            chance={"hard": 0.19},
        ),
    ),
)
