"""Letters and words: counting, reversing, rewriting, deciphering."""

from tracker.evals.suites.base import Suite, levels

SUITE = Suite(
    slug="own-strings",
    title="Letters and words",
    area="algorithms",
    version=1,
    about="Counting letters, spelling backwards, rewriting by rules, old ciphers and scrambled words.",
    levels=(
        *levels(
            "letter_counting",
            {
                "easy": {"min_words": 5, "max_words": 7},
                "medium": {"min_words": 12, "max_words": 18},
                "hard": {"min_words": 40, "max_words": 60},
            },
            chance={"easy": 0.46, "medium": 0.26},
        ),
        *levels(
            "spell_backward",
            {
                "easy": {"min_word_len": 3, "max_word_len": 4},
                "medium": {"min_word_len": 7, "max_word_len": 8},
                "hard": {"min_word_len": 10, "max_word_len": 10},
            },
        ),
        *levels(
            "word_sequence_reversal",
            {
                "easy": {"min_words": 3, "max_words": 4},
                "medium": {"min_words": 8, "max_words": 10},
                "hard": {"min_words": 25, "max_words": 35},
            },
        ),
        *levels(
            "string_manipulation",
            {
                "easy": {"min_string_length": 5, "max_string_length": 6, "min_num_rules": 3, "max_num_rules": 3},
                "medium": {"min_string_length": 10, "max_string_length": 15, "min_num_rules": 4, "max_num_rules": 6},
                "hard": {"min_string_length": 20, "max_string_length": 30, "min_num_rules": 8, "max_num_rules": 10},
            },
        ),
        *levels(
            "caesar_cipher",
            {
                "easy": {"min_words": 2, "max_words": 3, "min_rotation": 1, "max_rotation": 3},
                "medium": {"min_words": 4, "max_words": 6},
                "hard": {"min_words": 15, "max_words": 20},
            },
        ),
        *levels(
            "ab",
            {"easy": {"length": 4}, "medium": {"length": 10}, "hard": {"length": 24}},
        ),
        *levels(
            "letter_jumble",
            {
                "easy": {"min_words": 2, "max_words": 3, "max_word_len": 5, "max_corruption_level": 0.3},
                "medium": {"min_words": 4, "max_words": 6, "max_word_len": 8, "max_corruption_level": 0.5},
            },
        ),
    ),
)
