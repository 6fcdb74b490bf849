"""The rule behind examples: coloured strips, and what switches a light on."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-induction",
    title="Rules from examples",
    area="cognition",
    version=1,
    about="Finding the rule behind a few examples: strips of colours that change, and objects that switch a light on.",
    levels=(
        *levels(
            "arc_1d",
            {
                "easy": {"min_size": 8, "max_size": 10, "num_train": 4},
                "medium": {"min_size": 12, "max_size": 20},
                "hard": {"min_size": 30, "max_size": 40},
            },
        ),
        *levels("acre", {"easy": {"train": 1}}, chance={"easy": 0.38}),
    ),
)
