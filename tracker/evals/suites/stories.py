"""Word problems: everyday sums told as stories, legs of animals, the calendar and chance."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-stories",
    title="Word problems",
    area="arithmetic",
    version=1,
    about="Everyday sums told as stories, legs of animals, days of the calendar, coins and dice.",
    levels=(
        *levels(
            "gsm_symbolic",
            {"easy": {"difficulty": 1.0}},
        ),
        *levels(
            "leg_counting",
            {
                "easy": {"min_animals": 2, "max_animals": 3, "max_instances": 5},
                "medium": {"min_animals": 5, "max_animals": 8, "max_instances": 15},
                "hard": {"min_animals": 12, "max_animals": 16, "min_instances": 10, "max_instances": 90},
            },
        ),
        *levels(
            "calendar_arithmetic",
            {
                "easy": {"tasks": ["weekday_offset"], "offset_upper_bound": 14},
                "medium": {"tasks": ["weekday_of_date_from_first_date", "weekday_of_date"]},
                "hard": {"tasks": ["weekday_offset"], "offset_upper_bound": 1000},
            },
            chance=1 / 7,
        ),
        *levels(
            "calendar_arithmetic",
            {"counting": {"tasks": ["count_days", "count_business_days"]}},
        ),
        *levels(
            "coin_flip",
            {"easy": {"min_trials": 2, "max_trials": 6}, "medium": {"min_trials": 10, "max_trials": 20}},
            many=True,  # as a fraction or as a decimal
            chance={"easy": 0.15},
        ),
        *levels(
            "dice",
            {"easy": {"num_dice": 2, "max_dice_size": 12}, "medium": {"num_dice": 4, "max_dice_size": 20}},
        ),
    ),
)
