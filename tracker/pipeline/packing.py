"""A fit and its draws as bytes of NumPy's own file format: what a run keeps of them in the database."""

import io
import json
from collections.abc import Iterable, Mapping
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
    return packed(told, **arrays)


def unpacked_fit(body: bytes) -> IndexFit:
    """The fit that was packed so."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        told = _told(arrays)
        anchors = Anchors(**{**told["anchors"], "notes": tuple(told["anchors"]["notes"])})
        names = {"models": tuple(told["models"]), "benchmarks": tuple(told["benchmarks"])}
        return IndexFit(**{**told, **names, "anchors": anchors, **{name: arrays[name] for name in _FIT_ARRAYS}})


def packed_draws(drawn: Draws, **more: Any) -> bytes:
    """Some draws as one compressed NumPy file; `more` is told of them to `told_of` alone."""
    told: dict[str, Any] = {"dropped": drawn.dropped, "labels": drawn.labels, **more}
    return packed(told, **{name: getattr(drawn, name) for name in _DRAWN_ARRAYS})


def unpacked_draws(bodies: Iterable[bytes], index: IndexFit, resampling: Resampling) -> Draws:
    """Draws that were packed slice by slice, in order."""
    return joined([_unpacked_draws(body, index, resampling) for body in bodies])


def _unpacked_draws(body: bytes, index: IndexFit, resampling: Resampling) -> Draws:
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        told = _told(arrays)
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


def packed(told: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
    """Arrays, and what is to be told of them as JSON has it, as one compressed NumPy file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, told=np.array(json.dumps(told)), **arrays)
    return buffer.getvalue()


def unpacked(body: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What is told, and the arrays by their names."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return _told(arrays), {name: arrays[name] for name in arrays.files if name != "told"}


def told_of(body: bytes) -> dict[str, Any]:
    """What is told, without a look at the arrays."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return _told(arrays)


def _told(arrays: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(str(arrays["told"]))
    return told
