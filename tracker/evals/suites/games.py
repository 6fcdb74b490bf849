"""Puzzles with rules: number grids, jugs, mazes and stones."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-games",
    title="Puzzles and games",
    area="games",
    version=1,
    about="Small sudokus and other number grids, jugs to fill, mazes, and a key move on a board.",
    levels=(
        *levels(
            "mini_sudoku",
            {"easy": {"min_empty": 2, "max_empty": 4}, "medium": {"min_empty": 8, "max_empty": 10}},
        ),
        *levels(
            "futoshiki",
            {
                "easy": {"min_board_size": 4, "max_board_size": 4, "max_difficulty": 0},
                "medium": {"min_board_size": 5, "max_board_size": 5, "max_difficulty": 1},
            },
        ),
        *levels(
            "kakurasu",
            {
                "easy": {"min_rows": 3, "max_rows": 3, "min_cols": 3, "max_cols": 3},
                "medium": {"min_rows": 4, "max_rows": 5, "min_cols": 4, "max_cols": 5},
            },
            many=True,
        ),
        *levels(
            "jugs",
            {"easy": {"difficulty": 2}, "medium": {"difficulty": 6}, "hard": {"difficulty": 12}},
            many=True,
        ),
        *levels(
            "maze",
            {
                "easy": {"min_dist": 3, "max_dist": 6, "min_grid_size": 5, "max_grid_size": 6},
                "medium": {"min_dist": 5, "max_dist": 9, "min_grid_size": 7, "max_grid_size": 9},
                "hard": {"min_dist": 15, "max_dist": 25, "min_grid_size": 14, "max_grid_size": 18},
            },
            chance={"easy": 0.54, "medium": 0.35, "hard": 0.19},
        ),
        *levels(
            "mahjong_puzzle",
            {
                "easy": {"min_num_rounds": 2, "max_num_rounds": 4},
                "medium": {"min_num_rounds": 10, "max_num_rounds": 15},
            },
            chance={"easy": 0.35, "medium": 0.37},
        ),
        *levels(
            "tsumego",
            {
                "easy": {"min_board_size": 7, "max_board_size": 9, "max_stones": 10},
                "medium": {"min_board_size": 9, "max_board_size": 13, "max_stones": 15},
            },
        ),
    ),
)
