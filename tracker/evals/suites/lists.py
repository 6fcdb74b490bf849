"""Lists of numbers and words: sorting, filtering, and steps that are carried out by hand."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-lists",
    title="Lists and procedures",
    area="algorithms",
    version=1,
    about="Sorting and filtering lists, counting primes, swaps, and rules applied until nothing changes.",
    levels=(
        *levels(
            "number_sorting",
            {
                "easy": {"min_numbers": 3, "max_numbers": 4, "max_decimals": 0},
                "medium": {"min_numbers": 8, "max_numbers": 10, "max_decimals": 1},
                "hard": {"min_numbers": 30, "max_numbers": 40, "max_decimals": 2},
            },
        ),
        *levels(
            "word_sorting",
            {
                "easy": {"min_words": 3, "max_words": 4},
                "medium": {"min_words": 8, "max_words": 10},
                "hard": {"min_words": 30, "max_words": 40},
            },
        ),
        *levels(
            "number_filtering",
            {
                "easy": {"min_numbers": 3, "max_numbers": 4, "max_decimals": 0},
                "medium": {"min_numbers": 8, "max_numbers": 10, "max_decimals": 2},
                "hard": {"min_numbers": 30, "max_numbers": 40, "max_decimals": 4},
            },
        ),
        *levels(
            "binary_alternation",
            {
                "easy": {"min_n": 4, "max_n": 8},
                "medium": {"min_n": 12, "max_n": 20},
                "hard": {"min_n": 40, "max_n": 60},
            },
            chance={"easy": 0.51, "medium": 0.31, "hard": 0.18},
        ),
        *levels("count_primes", {"easy": {"max_n": 50}, "medium": {"max_n": 500}}, chance={"easy": 0.17}),
        *levels(
            "string_splitting",
            {
                "easy": {"max_initial_machines": 3},
                "medium": {"min_initial_machines": 4, "max_initial_machines": 8},
                "hard": {"min_initial_machines": 20, "max_initial_machines": 40},
            },
        ),
        *levels(
            "string_synthesis",
            {"easy": {"max_initial_blocks": 3}, "medium": {"min_initial_blocks": 4, "max_initial_blocks": 8}},
        ),
    ),
)
