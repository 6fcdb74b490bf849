"""Multiple choice with four labelled answers, so that a base model can be asked by likelihood alone."""

from tracker.domain.evaluation import Mode
from tracker.evals.suites.base import Suite, Task, levels


def colours(task: Task) -> list[str]:
    """Those of the same cube."""
    return list(task.meta["metadata"]["initial_state"].values())


def spellings(task: Task) -> list[str]:
    """The answer with two letters beside each other exchanged, and the word as it was."""
    word = task.answer
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return sorted(swapped | {word[::-1], word[1:] + word[0]})


SUITE = Suite(
    slug="own-choices",
    title="Four choices",
    area="cognition",
    version=1,
    about="Questions of several kinds with four labelled answers, the wrong ones such as slips give.",
    system='Choose the right answer. End with a line that begins with "Answer:" and holds only its letter.',
    modes=(Mode.CHOICE, Mode.GREEDY, Mode.SAMPLED),
    levels=(
        *levels(
            "chain_sum",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
                "hard": {"min_terms": 5, "max_terms": 6, "min_digits": 3, "max_digits": 4},
            },
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "products",
            {
                "easy": {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
                "hard": {"min_terms": 2, "max_terms": 2, "min_digits": 3, "max_digits": 4},
            },
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "leg_counting",
            {
                "easy": {"min_animals": 2, "max_animals": 2, "max_instances": 4},
                "hard": {"min_animals": 6, "max_animals": 8},
            },
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "number_sequence",
            {"easy": {"max_complexity": 1, "min_value": 0, "max_value": 20}, "hard": {"max_complexity": 2}},
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "calendar_arithmetic",
            {
                "easy": {"tasks": ["weekday_offset"], "offset_upper_bound": 7},
                "hard": {"tasks": ["weekday_of_date_from_first_date"]},
            },
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "color_cube_rotation",
            {
                "easy": {"min_rotations": 1, "max_rotations": 1},
                "hard": {"min_rotations": 6, "max_rotations": 8},
            },
            slips=colours,
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "spell_backward",
            {"easy": {"min_word_len": 4, "max_word_len": 4}, "hard": {"min_word_len": 9, "max_word_len": 10}},
            slips=spellings,
            choices=4,
            shots=3,
            chance=0.25,
        ),
        *levels(
            "family_relationships",
            {
                "easy": {"min_family_size": 4, "max_family_size": 4},
                "hard": {"min_family_size": 9, "max_family_size": 10},
            },
            choices=4,
            shots=3,
            chance=0.25,
        ),
    ),
)
