"""Checks what is installed: the versions of the lock, under licences that a product may be built on (``make audit``).

It asks no server; whether a version has become known as vulnerable must be looked up elsewhere.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.repository import ROOT

#: Words of licences that ask of a product what we do not want to promise (the "lesser" GPL of libraries does not).
COPYLEFT = re.compile(r"\bA?GPL|\bSSPL|(?<!Lesser )General Public", re.IGNORECASE)


def locked_versions() -> dict[str, str]:
    """Return the pinned version of every package in the lock file."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^ \\]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def runtime_distributions() -> Iterator[Distribution]:
    """Yield what mkt needs to run, directly or not; the tools of development are left out."""
    todo, seen = [Requirement("mkt")], set()
    while todo:
        wanted = todo.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        found = distribution(wanted.name)
        if key[0] != "mkt":
            yield found
        for text in found.requires or []:
            requirement = Requirement(text)
            extras = wanted.extras or {""}
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(requirement)


def licence(found: Distribution) -> str:
    """Return the licence that the package declares, in the newest form that it uses."""
    fields = found.metadata
    expression, text = ("; ".join(fields.get_all(name) or []) for name in ("License-Expression", "License"))
    classifiers = [value for value in fields.get_all("Classifier") or [] if value.startswith("License ::")]
    classified = "; ".join(value.rpartition(" :: ")[2] for value in classifiers)
    return expression or classified or text.partition("\n")[0] or "not declared"


def problems() -> list[str]:
    """Return one sentence for every package that is not as it should be."""
    found = []
    for name, version in locked_versions().items():
        try:
            installed = distribution(name).version
        except PackageNotFoundError:
            continue  # for another platform or Python
        if installed != version:
            found.append(f"{name} {installed} is installed, the lock has {version}: run make venv")
    return found + [
        f"{package.name} is under {licence(package)!r}, which mkt must not depend on"
        for package in runtime_distributions()
        if COPYLEFT.search(licence(package))
    ]


def main() -> int:
    """Print the licence of everything that mkt needs to run; 1: something is wrong."""
    for line in sorted(
        {f"{package.name:24} {package.version:16} {licence(package)}" for package in runtime_distributions()},
        key=str.lower,
    ):
        sys.stdout.write(f"{line}\n")
    wrong = problems()
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
