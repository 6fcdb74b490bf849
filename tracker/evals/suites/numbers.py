"""Whole numbers: divisors, multiples, primes, bases, bits and fractions."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-numbers",
    title="Whole numbers",
    area="arithmetic",
    version=1,
    about="Divisors, multiples, primes, number bases, bits and the simplest form of fractions.",
    levels=(
        *levels(
            "gcd",
            {
                "easy": {"max_numbers": 2, "max_value": 60},
                "medium": {"max_numbers": 2, "min_value": 100, "max_value": 2000},
                "hard": {"max_numbers": 2, "min_value": 10_000, "max_value": 1_000_000},
            },
            chance={"easy": 0.35, "medium": 0.30, "hard": 0.30},
        ),
        *levels(
            "lcm",
            {
                "easy": {"max_numbers": 2, "max_value": 30},
                "medium": {"max_numbers": 2, "min_value": 20, "max_value": 300},
                "hard": {"min_numbers": 3, "max_numbers": 4, "min_value": 20, "max_value": 300},
            },
        ),
        *levels(
            "prime_factorization",
            {
                "easy": {"min_value": 4, "max_value": 300},
                "medium": {"min_value": 1000, "max_value": 10_000},
                "hard": {"min_value": 100_000, "max_value": 1_000_000},
            },
            many=True,  # factors in any order
        ),
        *levels(
            "base_conversion",
            {
                "easy": {"min_base": 2, "max_base": 10, "min_value": 2, "max_value": 200},
                "medium": {"min_base": 2, "max_base": 16, "min_value": 100, "max_value": 5000},
                "hard": {"min_base": 3, "max_base": 36, "min_value": 100_000, "max_value": 10_000_000},
            },
        ),
        *levels(
            "count_bits",
            {"easy": {"max_n": 255}, "medium": {"min_n": 1000, "max_n": 100_000}, "hard": {"min_n": 10**8}},
            chance={"easy": 0.27, "medium": 0.21, "hard": 0.15},
        ),
        *levels(
            "bitwise_arithmetic",
            {"easy": {"difficulty": 1}, "medium": {"difficulty": 2}, "hard": {"difficulty": 5}},
        ),
        *levels(
            "fraction_simplification",
            {
                "easy": {"max_value": 12, "max_factor": 12, "styles": ["plain"]},
                "medium": {"max_value": 200, "max_factor": 50, "styles": ["plain"]},
                "hard": {"min_value": 100, "max_value": 5000, "min_factor": 50, "max_factor": 500, "styles": ["plain"]},
            },
        ),
    ),
)
