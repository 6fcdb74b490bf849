"""Who lies, what follows, and what comes out of a circuit."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-logic",
    title="Logic",
    area="logic",
    version=1,
    about="Liars and truth-tellers, syllogisms, circuits, statements about themselves, riddles of who lives where.",
    levels=(
        *levels(
            "knights_knaves",
            {
                "easy": {"n_people": 2, "depth_constraint": 2, "width_constraint": 2},
                "medium": {"n_people": 3, "depth_constraint": 2, "width_constraint": 2},
                "hard": {"n_people": 5, "depth_constraint": 3, "width_constraint": 3},
            },
            many=True,
            chance={"easy": 0.25, "medium": 0.12, "hard": 0.03},
        ),
        *levels(
            "syllogism",
            {
                "easy": {"allow_some": False, "allow_some_not": False, "invalid_ratio": 0.6},
                "medium": {"invalid_ratio": 0.6},
            },
            chance={"easy": 0.56, "medium": 0.56},
        ),
        *levels(
            "circuit_logic",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "min_inputs": 2, "max_inputs": 2},
                "medium": {"min_terms": 3, "max_terms": 5, "min_inputs": 3, "max_inputs": 4},
                "hard": {"min_terms": 6, "max_terms": 7, "min_inputs": 4, "max_inputs": 5},
            },
            chance={"easy": 0.60, "medium": 0.61, "hard": 0.64},
        ),
        *levels("aiw", {"easy": {"max_entities": 4}, "medium": {"max_entities": 20}}, chance={"easy": 0.28}),
        *levels(
            "self_reference",
            {"easy": {"difficulty": 1}, "medium": {"difficulty": 4}, "hard": {"difficulty": 8}},
            chance={"easy": 0.37, "medium": 0.37, "hard": 0.37},
        ),
        *levels(
            "zebra_puzzles",
            {
                "easy": {"num_people": 2, "num_characteristics": 2},
                "medium": {"num_people": 3, "num_characteristics": 3},
                "hard": {"num_people": 4, "num_characteristics": 3},
            },
            chance={"easy": 0.55, "medium": 0.45, "hard": 0.35},
        ),
    ),
)
