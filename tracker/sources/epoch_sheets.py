"""Where the score stands in each file of Epoch AI's benchmark archive, and in which unit.

The archive named none of this until September 2026; since then its benchmark_metadata.csv names column and scale of
the benchmarks in Epoch's index, and this table answers for the others.
"""

from dataclasses import dataclass

from tracker.domain.definitions import Unit
from tracker.domain.records import Evaluator


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: `score` times `scale` is in `unit`. `name` is the column that tells the model where `Model version` is
    blank, `key` the one with the row's id. `evaluator` None means that each row's own source says who measured."""

    score: str
    scale: float = 1.0
    unit: Unit = Unit.PROPORTION
    stderr: str = ""
    stderr_scale: float = 1.0
    scaffold: str = ""
    name: str = "Name"
    key: str = "id"
    evaluator: Evaluator | None = Evaluator.LEADERBOARD
    version: str = ""


RUN = Sheet("mean_score", stderr="stderr", evaluator=Evaluator.THIRD_PARTY)
PERCENT = 0.01
HALF_WIDTH = 1 / 1.96  # of a 95 % interval


def collected(score: str) -> Sheet:
    """Rows that Epoch took out of many papers, boards and reports."""
    return Sheet(score, evaluator=None)


# Files that every stored vintage of the archive has had. One that is gone was renamed, and its scores would leave the
# site without a word: all other files may come and go.
CORE = (
    "chess_puzzles",
    "frontiermath",
    "gpqa_diamond",
    "metr_time_horizons",
    "otis_mock_aime_2024_2025",
    "simpleqa_verified",
    "swe_bench_verified",
)

# By file stem without "_external". Where a file has several scores, ours is the one that Epoch's index is fitted to.
SHEETS = {
    # Epoch's own runs
    "chess_puzzles": RUN,
    "frontiermath": RUN,
    "frontiermath_tier_4": RUN,
    "gpqa_diamond": RUN,
    "math_level_5": RUN,
    "mystery_game_puzzles": RUN,
    "otis_mock_aime_2024_2025": RUN,
    "simpleqa_verified": RUN,
    "swe_bench_verified": RUN,
    # Boards of others
    "aider_polyglot": Sheet("Percent correct", scale=PERCENT),
    # Its "Standard Error" is too wide for one and is not explained.
    "apex_agents": Sheet("Pass@1 score"),
    "arc_agi": Sheet("Score"),
    "arc_agi_2": Sheet("Score"),
    "balrog": Sheet("Average progress", stderr="Average Standard error"),
    "blueprint_bench_2": Sheet("Score"),
    "btf3": Sheet("Pooled score"),
    "cad_eval": Sheet("Overall pass (%)"),
    "cl_bench": Sheet("Overall"),
    "cl_bench_life": Sheet("Overall"),
    "cursorbench": Sheet("Score"),
    "cybench": Sheet("Unguided % Solved"),
    "deepresearchbench": Sheet("Average score", scaffold="Agent"),
    "deepswe": Sheet("Pass@1"),
    "enigma_eval": Sheet("Accuracy"),
    "fictionlivebench": Sheet("16k token score"),
    "forecastbench": Sheet("Overall score", scale=PERCENT),
    "frontiercode": Sheet("Main score"),
    "gbaeval": Sheet("Overall score"),
    "gdp_pdf": Sheet("GDP.pdf score"),
    "gdpval": Sheet("Win Rate (%)"),
    "geobench": Sheet("ACW Country %"),
    "gso": Sheet("Score OPT@1", scaffold="Scaffold"),
    # The column is headed "Standard Error" and holds half of a 95 % interval: 1.96 times sqrt(p(1-p)/2500).
    "hle": Sheet("Accuracy", stderr="Accuracy Standard Error", stderr_scale=HALF_WIDTH),
    "lech_mazur_writing": Sheet("Mean score", scale=0.1, key="ID"),  # judges' marks out of ten
    "live_bench": Sheet("Global average", scale=PERCENT, name="id", key="UUID"),
    "metr_time_horizons": Sheet("Time horizon", unit=Unit.MINUTES, version="METR version"),
    "mindcube": Sheet("Overall score"),
    "os_world": Sheet("Score", scale=PERCENT, name="Agent", scaffold="Agent"),
    "osworld_2": Sheet("Binary accuracy"),
    "posttrainbench": Sheet("Average (%)", scaffold="Scaffold"),
    "proofbench": Sheet("Accuracy"),
    "rli": Sheet("Score"),
    "simplebench": Sheet("Score (AVG@5)"),
    "spatialviz_bench": Sheet("Overall score"),
    "surface_evolver_bench": Sheet("Mean score"),
    "swe_bench_bash": Sheet("% Resolved"),
    "terminalbench": Sheet("Accuracy mean", stderr="Accuracy SE", scaffold="Agent"),
    "the_agent_company": Sheet("% Resolved", key="UUID"),
    "vending_bench_2": Sheet("Score", unit=Unit.DOLLARS),
    "video_mme": Sheet("Overall (no subtitles)"),
    "vpct": Sheet("Correct"),
    "webdev_arena": Sheet("Arena Score", unit=Unit.ELO),
    "weirdml": Sheet("Accuracy"),  # its "Accuracy SE" was divided by a hundred twice
    # Collected from papers
    "adversarial_nli": collected("Score"),
    "arc_ai2": collected("Challenge score"),
    "bbh": collected("Average"),
    "bool_q": collected("Score"),
    "common_sense_qa_2": collected("Score"),
    "gsm8k": collected("EM"),
    "hella_swag": collected("Overall accuracy"),
    "lambada": collected("Score"),
    "mmlu": collected("EM"),
    "open_book_qa": collected("Accuracy"),
    "piqa": collected("Score"),
    "science_qa": collected("Score"),
    "superglue": collected("Score"),
    "trivia_qa": collected("EM"),
    "wino_grande": collected("Accuracy"),
}

# Taken by Epoch from Artificial Analysis, whose terms forbid republishing.
WITHHELD = {"scicode", "critpt"}


def stem(file_name: str) -> str:
    """`gpqa_diamond.csv` and `gsm8k_external.csv` without what is no part of the benchmark's name."""
    return file_name.removesuffix(".csv").removesuffix("_external")
