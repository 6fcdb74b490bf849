"""What the header of a safetensors file says, held against the file."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.evals.bounded import BoundedFile, read_json

LONGEST_HEADER = (
    32 << 20
)  # bytes; the format's own limit is three times that, and a file of a large model needs a tenth
MOST_TENSORS = 1_000_000
MOST_DIMENSIONS = 32
BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
}


@dataclass(frozen=True, slots=True)
class Tensors:
    """What one file holds: the names of its tensors, and how many numbers of each type."""

    names: frozenset[str]
    elements: Mapping[str, int]


def read_tensors(path: Path) -> Tensors:
    """The header of the file. Raises BrokenWeights where the tensors do not fill the file without gap or overlap."""
    with BoundedFile(path) as file:
        length = file.number("Q")
        if not 2 <= length <= LONGEST_HEADER:
            raise file.broken(f"a header of {length} bytes")
        head = file.take(length)
        if head[:1] != b"{":
            raise file.broken("its header does not begin with a brace")
        said = read_json(head, file.name)
        metadata = said.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            raise file.broken("its metadata is no table of texts")
        if len(said) > MOST_TENSORS:
            raise file.broken(f"{len(said)} tensors")
        places = sorted((_tensor(file, name, value) for name, value in said.items()), key=lambda one: one[:2])
        end, elements = 0, Counter[str]()
        for begin, after, dtype, count in places:
            if begin != end:
                raise file.broken(f"tensors overlap, or leave a gap, at {begin}")
            end = after
            elements[dtype] += count
        if end != file.size - file.place:
            raise file.broken(f"its tensors end at {end}, and its data at {file.size - file.place}")
    return Tensors(frozenset(said), elements)


def _tensor(file: BoundedFile, name: str, value: Any) -> tuple[int, int, str, int]:
    """Where it begins and ends, its type, and how many numbers it has."""
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise file.broken(f"{name[:80]!r} is described by other fields than type, shape and place")
    shape, offsets = value["shape"], value["data_offsets"]
    if not isinstance(value["dtype"], str) or value["dtype"] not in BITS:
        raise file.broken(f"{name[:80]!r} has the unknown type {str(value['dtype'])[:20]!r}")
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or not all(type(one) is int and 0 <= one < 2**63 for one in numbers):
            raise file.broken(f"{name[:80]!r}: shape and place are lists of whole numbers")
    if len(shape) > MOST_DIMENSIONS or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise file.broken(f"{name[:80]!r}: no possible shape and place")
    count = math.prod(shape)
    if count * BITS[value["dtype"]] != (offsets[1] - offsets[0]) * 8:
        raise file.broken(f"{name[:80]!r}: its shape and its place are of different sizes")
    return offsets[0], offsets[1], value["dtype"], count
