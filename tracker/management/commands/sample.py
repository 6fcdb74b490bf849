"""`manage.py sample`: the second index by NUTS, beside the approximation that every run makes. Slow and optional."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.domain import beta_index, beta_sampling, beta_solver
from tracker.domain.index import ANCHOR_BENCHMARK, IndexInputError, find_anchors
from tracker.management.console import SpeakingCommand
from tracker.pipeline import fitting, recompute, second_index
from tracker.pipeline.beliefs import beliefs

SEED = 1


def positive(text: str) -> int:
    """A whole number from 1 on. Raises ValueError, which argparse words itself."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


class Command(SpeakingCommand):
    """The check of an approximation: how far apart medians and lags come out, and whether the chains agree at all."""

    help = (
        "Samples the second index (Beta likelihood) with NUTS and prints how its values and lags differ from the "
        "approximation that the nightly run stores. Needs the optional extra `sampler` (numpyro); takes minutes to "
        "hours. Nothing is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--warmup", type=positive, default=1000, metavar="N", help="steps of adaptation a chain")
        parser.add_argument("--draws", type=positive, default=1000, metavar="N", help="draws kept of each chain")
        parser.add_argument("--chains", type=positive, default=2, metavar="N", help="chains, one after the other")
        parser.add_argument("--seed", type=int, default=SEED, metavar="N")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.need_database()
        as_of = recompute.confirmed_on(None)
        if as_of is None:
            raise CommandError("No benchmark data yet: run `manage.py load`, or `manage.py collect`.")
        began = time.monotonic()
        try:
            with self.progress() as shown:
                shown.begin("Fitting both indices")
                fit = fitting.fitted(beliefs(timezone.now()), as_of)
                rows, floors = second_index.shares(fit)
                scores, models, benchmarks = beta_index.scores_of(rows, floors)
                mode = beta_solver.maximise(scores)
                ours = second_index.second_fit(fit)
                shown.say(f"Sampling {options['chains']} x {options['draws']} draws")
                found = beta_sampling.sample(
                    scores,
                    mode,
                    warmup=options["warmup"],
                    draws=options["draws"],
                    chains=options["chains"],
                    seed=options["seed"],
                )
        except beta_sampling.SamplerMissingError as error:
            raise CommandError(
                f"{error}: the sampler is an optional extra. Install it with `pip install numpyro`."
            ) from error
        except IndexInputError as error:
            raise CommandError(str(error)) from error
        anchors = find_anchors(models, rows, ANCHOR_BENCHMARK)
        centre = replace(mode, x=np.median(found.draws, axis=0))
        sampled = beta_index.on_scale(scores, models, benchmarks, centre, found.draws, anchors)
        self.tell(fit, ours, sampled, found, time.monotonic() - began, as_json=options["as_json"])

    def tell(
        self,
        fit: fitting.Fitted,
        ours: beta_index.BetaFit,
        sampled: beta_index.BetaFit,
        found: beta_sampling.Sample,
        seconds: float,
        *,
        as_json: bool,
    ) -> None:
        middle, approximate = np.median(sampled.draws, axis=0), np.median(ours.draws, axis=0)
        apart = np.abs(middle - approximate)
        furthest = int(apart.argmax())
        widths = [
            (one.high - one.low) / (two.high - two.low)
            for one, two in zip(ours.intervals().values(), sampled.intervals().values(), strict=True)
            if one is not None and two is not None and two.high > two.low
        ]
        report: dict[str, Any] = {
            "models": len(ours.models),
            "divergent": found.divergent,
            "largest_split_r_hat": round(found.split, 3),
            "least_effective_draws": round(found.effective),
            "median_difference": round(float(np.median(apart)), 3),
            "largest_difference": [ours.models[furthest], round(float(apart[furthest]), 3)],
            "width_of_the_approximations_intervals": round(float(np.median(widths)), 3) if widths else None,
            "lags": {
                "approximation": second_index.lags_of(fit, ours, fitting.Asked()),
                "sampled": second_index.lags_of(fit, sampled, fitting.Asked()),
            },
            "seconds": round(seconds, 1),
        }
        if as_json:
            self.print_json(report)
            return
        for key, value in report.items():
            if key != "lags":
                self.stdout.write(f"{key.replace('_', ' ')}: {value}")
        for key, row in report["lags"]["approximation"].items():
            other = report["lags"]["sampled"][key]
            told = [f"{r['value']} [{r['low']}, {r['high']}]" for r in (row, other)]
            self.stdout.write(f"{key}: {told[0]} approximated, {told[1]} sampled")
        if found.split > 1.05:
            self.stdout.write("The chains do not agree yet: more warm-up or more draws are needed.")
