"""What the header of a GGUF file says, held against the file."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.evals.bounded import BoundedFile

VERSIONS = (2, 3)
MOST_KEYS = 65_536
MOST_TENSORS = 1_000_000
MOST_ELEMENTS = 1 << 21  # of an array: a vocabulary has a quarter of a million, and twice as many merges
LONGEST_TEXT = 1 << 20
LONGEST_NAME = 65_535
LONGEST_TENSOR_NAME = 64
LONGEST_HEADER = 1 << 28
MOST_DIMENSIONS = 4
# Of a number in `struct`'s letters, by the format's number for the type.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
WIDTH = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
BOOLEAN, TEXT, ARRAY = 7, 8, 9
# Name, numbers in a block, bytes of a block.
TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
# What `general.file_type` says of the mixture.
MIXTURES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of its model: `said` holds its single values (arrays are measured, not kept), `elements` how
    many numbers there are of each type."""

    said: Mapping[str, Any]
    elements: Mapping[str, int]

    @property
    def templates(self) -> dict[str, str]:
        """Its chat templates, the default one under "default"."""
        begin = "tokenizer.chat_template"
        return {
            key.removeprefix(begin).removeprefix(".") or "default": value
            for key, value in self.said.items()
            if (key == begin or key.startswith(f"{begin}.")) and isinstance(value, str)
        }

    @property
    def quantisation(self) -> str:
        named = MIXTURES.get(self.said.get("general.file_type", -1), "")
        return named or max(self.elements, key=lambda name: self.elements[name], default="")

    @property
    def architecture(self) -> str:
        return str(self.said.get("general.architecture", ""))


def read_header(path: Path) -> Header:
    """The header of the file. Raises BrokenWeights where it does not describe the file from its first byte to its
    last."""
    with BoundedFile(path) as file:
        if file.take(4) != b"GGUF":
            raise file.broken("it does not begin as a GGUF file does")
        version = file.number("I")
        if version not in VERSIONS:
            raise file.broken(f"version {version} of the format")
        tensors, keys = file.number("Q"), file.number("Q")
        if not 0 < tensors <= MOST_TENSORS or not 0 < keys <= MOST_KEYS:
            raise file.broken(f"{tensors} tensors and {keys} keys")
        said: dict[str, Any] = {}
        for _ in range(keys):
            key = _text(file, LONGEST_NAME)
            if key in said:
                raise file.broken(f"the key {key[:80]!r} is there twice")
            said[key] = _value(file, file.number("I"))
            if file.place > LONGEST_HEADER:
                raise file.broken(f"a header of more than {LONGEST_HEADER} bytes")
        alignment = said.get("general.alignment", 32)
        if type(alignment) is not int or not 8 <= alignment <= 65_536 or alignment & (alignment - 1):
            raise file.broken(f"an alignment of {alignment}")
        if said.get("split.count", 1) not in (0, 1):
            raise file.broken("it is one of several parts; join them with llama-gguf-split --merge")
        return Header(said, _measure(file, tensors, alignment))


def _measure(file: BoundedFile, tensors: int, alignment: int) -> Counter[str]:
    elements, names, end, used = Counter[str](), set[str](), 0, 0
    for _ in range(tensors):
        name = _text(file, LONGEST_TENSOR_NAME)
        if name in names:
            raise file.broken(f"the tensor {name!r} is there twice")
        names.add(name)
        dimensions = file.number("I")
        if dimensions > MOST_DIMENSIONS:
            raise file.broken(f"{name!r} has {dimensions} dimensions")
        shape = [file.number("Q") for _ in range(dimensions)]
        kind, offset = file.number("I"), file.number("Q")
        if kind not in TYPES:
            raise file.broken(f"{name!r} has the unknown type {kind}")
        known, block, width = TYPES[kind]
        count = math.prod(shape)
        if not 0 < count < 2**63 or (shape and shape[0] % block) or count % block:
            raise file.broken(f"{name!r} has no possible shape: {shape}")
        if offset != end:
            raise file.broken(f"{name!r} begins at {offset}, and what is before it ends at {end}")
        used = end + count // block * width
        end = _padded(used, alignment)
        elements[known] += count
    begin = _padded(file.place, alignment)
    # The last tensor may come without its padding.
    if not begin + used <= file.size <= begin + end:
        raise file.broken(f"its tensors end at {begin + end}, and it has {file.size} bytes")
    return elements


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _text(file: BoundedFile, longest: int) -> str:
    length = file.number("Q")
    if length > longest:
        raise file.broken(f"a name of {length} bytes")
    try:
        return file.take(length).decode("utf-8")
    except UnicodeDecodeError:
        raise file.broken("a name that is no text") from None


def _value(file: BoundedFile, kind: int, *, nested: bool = False) -> Any:
    if kind == TEXT:
        length = file.number("Q")
        if length > LONGEST_TEXT:
            raise file.broken(f"a text of {length} bytes")
        return file.take(length).decode("utf-8", "replace")
    if kind in NUMBERS:
        value = file.number(NUMBERS[kind])
        if kind == BOOLEAN and value > 1:
            raise file.broken("a yes or no that is neither")
        return value
    if kind != ARRAY or nested:
        raise file.broken(f"a value of the unknown type {kind}")
    kind, count = file.number("I"), file.number("Q")
    if count > MOST_ELEMENTS:
        raise file.broken(f"an array of {count}")
    if kind == TEXT:
        for _ in range(count):
            file.skip(file.number("Q"))
    elif kind in WIDTH:
        file.skip(count * WIDTH[kind])
    else:
        raise file.broken(f"an array of the unknown type {kind}")
    return None
