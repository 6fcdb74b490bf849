"""A fit and its draws as bytes of NumPy's own file format: what a run keeps of them in the database."""

import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.index import Anchors, IndexFit
from tracker.domain.index_draws import DRAW_SEED, Draws, Resampling, joined

_FIT_ARRAYS: Final = ("raw_ability", "raw_difficulty", "raw_slope")
_DRAWN_ARRAYS: Final = ("ability", "difficulty", "slope")


def packed_fit(index: IndexFit) -> bytes:
    """The central fit as one compressed NumPy file: whoever goes on with a run draws around the very same point."""
    arrays = {name: getattr(index, name) for name in _FIT_ARRAYS}
    told = {name: value for name, value in asdict(index).items() if name not in _FIT_ARRAYS}
    return _file(told=np.array(json.dumps(told)), **arrays)


def unpacked_fit(body: bytes) -> IndexFit:
    """The fit that was packed so."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        told = json.loads(str(arrays["told"]))
        anchors = Anchors(**{**told["anchors"], "notes": tuple(told["anchors"]["notes"])})
        names = {"models": tuple(told["models"]), "benchmarks": tuple(told["benchmarks"])}
        return IndexFit(**{**told, **names, "anchors": anchors, **{name: arrays[name] for name in _FIT_ARRAYS}})


def packed_draws(drawn: Draws) -> bytes:
    """Some draws as one compressed NumPy file."""
    told: dict[str, Any] = {"dropped": drawn.dropped, "labels": drawn.labels}
    return _file(told=np.array(json.dumps(told)), **{name: getattr(drawn, name) for name in _DRAWN_ARRAYS})


def unpacked_draws(bodies: Iterable[bytes], index: IndexFit, resampling: Resampling) -> Draws:
    """Draws that were packed slice by slice, in order."""
    return joined([_unpacked_draws(body, index, resampling) for body in bodies])


def _unpacked_draws(body: bytes, index: IndexFit, resampling: Resampling) -> Draws:
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        told: dict[str, Any] = json.loads(str(arrays["told"]))
        return Draws(
            models=index.models,
            benchmarks=index.benchmarks,
            **{name: arrays[name] for name in _DRAWN_ARRAYS},
            resampling=resampling,
            anchors=index.anchors,
            seed=DRAW_SEED if resampling == "rows" else None,
            dropped=told["dropped"],
            labels=tuple(told["labels"]),
        )


def _file(**arrays: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
