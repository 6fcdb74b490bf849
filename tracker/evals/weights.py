"""Which files may be loaded as a model: safetensors with JSON beside them, or one GGUF; anything else could run code.

Nothing of any model library is imported here: what is refused is refused before such a library has seen it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker.domain.evaluation import Weights
from tracker.evals.bounded import read_json
from tracker.evals.chat_templates import only_a_template
from tracker.evals.gguf_files import read_header
from tracker.evals.model_configs import names_files_here, names_no_code
from tracker.evals.safetensors_files import MOST_TENSORS, read_tensors
from tracker.evals.troubles import BrokenWeights, MissingModel, RefusedWeights

# What to ask a hub for: everything that is taken here, and nothing that is refused.
PATTERNS = ("*.safetensors", "*.json", "*.jinja", "merges.txt", "vocab.txt", "tokenizer.model", "LICENSE*", "*.md")
MOST_FILES = 4096
MOST_BYTES = 1 << 43
LONGEST_JSON = 64 << 20  # a tokenizer with its merges has 30 MiB
LONGEST_OTHER = 64 << 20
# Read by nobody but people.
INERT = frozenset((".md", ".txt", ".jinja", ".gitattributes", ".gitignore"))
INERT_NAMES = ("LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY")
# What a hub's client leaves beside the files that it fetched.
CLIENT_FOLDER = ".cache"
CLIENT_FILES = frozenset((".metadata", ".lock", ".gitignore", ".tag"))
EXPLAINED = {
    **dict.fromkeys((".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".dill", ".msgpack"), "is a pickle"),
    **dict.fromkeys((".h5", ".hdf5", ".keras", ".npy", ".npz", ".onnx", ".pb", ".tflite"), "can hold code"),
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".whl", ".egg"), "is an archive"),
    **dict.fromkeys((".py", ".pyc", ".so", ".dll", ".dylib", ".sh", ".js", ".cu", ".ipynb"), "is code"),
}
TEMPLATE_FILES = (".jinja",)


def verify(path: Path) -> Weights:
    """The model at that path: a folder with safetensors and JSON, a GGUF file, or a folder with one. Raises
    MissingModel, RefusedWeights for what could run code, BrokenWeights for what is not what its header says."""
    path = path.absolute()
    if not path.exists():
        raise MissingModel(f"{path} is not there")
    path = path.resolve()
    if path.is_file():
        if path.suffix.lower() != ".gguf":
            raise RefusedWeights(f"{path.name} {_explained(path)}; a single file has to be GGUF")
        return _gguf(path, {path.name: path})
    if not path.is_dir():
        raise RefusedWeights(f"{path.name} is neither a file nor a folder")
    files = _files(path)
    single = [file for file in files.values() if file.suffix == ".gguf"]
    tensors = {name: file for name, file in files.items() if file.suffix == ".safetensors"}
    if single and tensors:
        raise RefusedWeights(f"{path.name} holds weights in two formats: which of them would be run is anybody's guess")
    if len(single) > 1:
        raise RefusedWeights(f"{path.name} holds {len(single)} GGUF files; name one of them")
    configs = _configs(files)
    if single:
        return _gguf(single[0], files, configs)
    if not tensors:
        raise MissingModel(f"{path.name} holds no weights")
    return _safetensors(path, files, tensors, configs)


def _files(folder: Path) -> dict[str, Path]:
    """Every file of the folder by its name in it. Raises RefusedWeights at the first that is not of a known kind."""
    found: dict[str, Path] = {}
    size = 0
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_symlink() and not _ends_in(folder, file):
            raise RefusedWeights(f"{name} is a link that leaves the folder")
        if file.is_dir():
            if file.is_symlink():
                raise RefusedWeights(f"{name} is a link to a folder")
            continue
        if not file.is_file():
            raise RefusedWeights(f"{name} is no ordinary file")
        if not _known(file, name):
            raise RefusedWeights(f"{name} {_explained(file)}")
        found[name] = file
        size += file.stat().st_size
        if len(found) > MOST_FILES or size > MOST_BYTES:
            raise RefusedWeights(f"{folder.name} holds more than {MOST_FILES} files or {MOST_BYTES >> 40} TiB")
    return found


def _ends_in(folder: Path, link: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        return False  # to nothing, or in a circle


def _known(file: Path, name: str) -> bool:
    size = file.stat().st_size
    if name.startswith(f"{CLIENT_FOLDER}/"):
        return file.suffix.lower() in CLIENT_FILES or file.name in (".gitignore", "CACHEDIR.TAG")
    if file.suffix in (".safetensors", ".gguf"):
        return True
    if file.suffix == ".json":
        return size <= LONGEST_JSON
    if file.name == "tokenizer.model":
        with file.open("rb") as opened:
            return size <= LONGEST_OTHER and opened.read(1) == b"\n"  # the first field of SentencePiece's message
    inert = file.suffix in INERT or file.name in INERT or file.name.startswith(INERT_NAMES)
    return inert and size <= LONGEST_OTHER and ".py" not in file.name.lower()


def _explained(file: Path) -> str:
    for suffix in reversed(file.suffixes):
        if suffix.lower() in EXPLAINED:
            return EXPLAINED[suffix.lower()]
    return "is of no kind that a model needs"


def _configs(files: Mapping[str, Path]) -> dict[str, Any]:
    """The JSON files, read and without code in them."""
    found: dict[str, Any] = {}
    for name, file in files.items():
        if file.suffix == ".json":
            found[name] = read_json(file.read_bytes(), name)
            names_no_code(found[name], name)
    if "adapter_config.json" in found:
        raise RefusedWeights("an adapter is no model: merge it into what it was made for")
    return found


def _templates(files: Mapping[str, Path], configs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every chat template with the name of where it stands, the one that is used by default first."""
    for name, file in files.items():
        if file.suffix in TEMPLATE_FILES:
            yield name, file.read_text("utf-8", "replace")
    for name, config in configs.items():
        said = config.get("chat_template") if isinstance(config, dict) else None
        if isinstance(said, str):
            yield name, said
        elif isinstance(said, list | dict):
            entries = said if isinstance(said, list) else [{"template": one} for one in said.values()]
            for entry in entries:
                template = entry.get("template") if isinstance(entry, dict) else None
                if not isinstance(template, str):
                    raise BrokenWeights(f"{name}: a chat template that is no text")
                yield name, template
        elif said is not None:
            raise BrokenWeights(f"{name}: a chat template that is no text")


def _checked(templates: Iterator[tuple[str, str]]) -> str:
    """The digest of the first, each tried once."""
    first = ""
    seen: set[str] = set()
    for name, template in templates:
        digest = hashlib.sha256(template.encode("utf-8", "surrogatepass")).hexdigest()
        if digest not in seen:
            only_a_template(template, name)
        seen.add(digest)
        first = first or digest
    return first


def _gguf(file: Path, files: Mapping[str, Path], configs: Mapping[str, Any] | None = None) -> Weights:
    header = read_header(file)
    inside = sorted(header.templates.items(), key=lambda one: one[0] != "default")
    own = ((f"{file.name}, template {name!r}", template) for name, template in inside)
    template = _checked(own)
    _checked(_templates(files, configs or {}))
    return Weights(
        path=str(file),
        files=_digests(files),
        format="gguf",
        template_sha256=template,
        quantisation=header.quantisation,
        architecture=_plain(header.architecture),
        parameters=sum(header.elements.values()),
    )


def _safetensors(
    folder: Path, files: Mapping[str, Path], tensors: Mapping[str, Path], configs: Mapping[str, Any]
) -> Weights:
    config = configs.get("config.json")
    if not isinstance(config, dict):
        raise BrokenWeights(f"{folder.name} has no config.json")
    read = {name: read_tensors(file) for name, file in tensors.items()}
    held = Counter(tensor for one in read.values() for tensor in one.names)
    if held.total() > MOST_TENSORS:
        raise BrokenWeights(f"{held.total()} tensors")
    if doubled := next((tensor for tensor, times in held.items() if times > 1), None):
        raise BrokenWeights(f"the tensor {doubled[:80]!r} is in two files")
    if len(read) > 1 and not any(name.endswith(".safetensors.index.json") for name in configs):
        raise BrokenWeights(f"{folder.name} holds {len(read)} files of weights and no index of them")
    for name, index in configs.items():
        if name.endswith(".safetensors.index.json"):
            for tensor, file in names_files_here(index, name, set(tensors)).items():
                if tensor not in read[file].names:
                    raise BrokenWeights(f"{name}: {tensor[:80]!r} is not in {file}")
    template = _checked(_templates(files, configs))
    elements = sum((Counter(one.elements) for one in read.values()), Counter[str]())
    packed = config.get("quantization_config")
    method = _plain(packed.get("quant_method", "")) if isinstance(packed, dict) else ""
    bits = packed.get("bits") if isinstance(packed, dict) else None
    named = config.get("architectures") or [config.get("model_type", "")]
    return Weights(
        path=str(folder),
        files=_digests(files),
        format="safetensors",
        template_sha256=template,
        quantisation=f"{method} {bits} bit".strip() if method and type(bits) is int else method or _commonest(elements),
        architecture=_plain(named[0] if isinstance(named, list) and named else named),
        # Packed numbers are fewer than the parameters that they stand for.
        parameters=None if method else elements.total(),
    )


def _plain(said: Any) -> str:
    """A word of a file that nobody vouches for, as it may stand on a page and in a table."""
    return "".join(sign for sign in str(said)[:80] if sign.isascii() and sign.isprintable())


def _commonest(elements: Counter[str]) -> str:
    return max(elements, key=lambda name: elements[name], default="")


def _digests(files: Mapping[str, Path]) -> tuple[tuple[str, int, str], ...]:
    found = []
    for name, file in sorted(files.items()):
        if name.startswith(f"{CLIENT_FOLDER}/"):
            continue
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        found.append((name, file.stat().st_size, digest))
    return tuple(found)
