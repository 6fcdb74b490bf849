"""Sums, products, mixed operations and decimals, from one digit to many."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-arithmetic",
    title="Arithmetic",
    area="arithmetic",
    version=1,
    about="Sums, products, mixed operations and decimals, from two small numbers to long expressions.",
    levels=(
        *levels(
            "chain_sum",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
                "medium": {"min_terms": 3, "max_terms": 5, "min_digits": 2, "max_digits": 3},
                "hard": {"min_terms": 8, "max_terms": 12, "min_digits": 4, "max_digits": 6},
            },
        ),
        *levels(
            "products",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
                "medium": {"min_terms": 2, "max_terms": 2, "min_digits": 3, "max_digits": 3},
                "hard": {"min_terms": 2, "max_terms": 2, "min_digits": 5, "max_digits": 6},
            },
        ),
        *levels(
            "basic_arithmetic",
            {
                "easy": {"min_terms": 2, "max_terms": 3, "min_digits": 1, "max_digits": 2, "allow_parentheses": False},
                "medium": {"min_terms": 4, "max_terms": 5, "min_digits": 1, "max_digits": 3},
                "hard": {"min_terms": 7, "max_terms": 9, "min_digits": 2, "max_digits": 4},
            },
        ),
        *levels(
            "decimal_chain_sum",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "max_digits": 2, "max_decimal_places": 1},
                "medium": {"min_terms": 3, "max_terms": 4, "max_digits": 3, "max_decimal_places": 3},
                "hard": {"min_terms": 6, "max_terms": 8, "min_digits": 3, "max_digits": 5, "max_decimal_places": 5},
            },
        ),
    ),
)
