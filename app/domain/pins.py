"""Where a tree pins versions of things that are released together: kube-* images, an operator and its charts.

What is one release is a fact of the ecosystem, not of a repository. Within a family the first named goes first.
"""

import re
from dataclasses import dataclass

from app.domain.memo import BlobMemo
from app.domain.model import Evidence, SourceFile
from app.domain.moves import name_of_version
from app.domain.updates import bare_version, short_name

_FAMILIES = tuple(
    tuple(line.split())
    for line in """
    kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet
    intel-device-plugins-operator intel-device-plugins-gpu intel-device-plugins-qat intel-device-plugins-sgx
    gha-runner-scale-set-controller gha-runner-scale-set
    rook-ceph rook-ceph-cluster
    flux-operator flux-instance
    cilium
    istio-base istiod istio-cni ztunnel
    linkerd-crds linkerd-control-plane
    """.strip().splitlines()
)
_MEMBERS = {name: (family, rank) for family in _FAMILIES for rank, name in enumerate(family)}
_WORDS = re.compile("|".join(sorted(map(re.escape, _MEMBERS), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Pin:
    """One line that pins a member of a family. `rank` is its place in the family; `line` is 1-based."""

    name: str
    family: tuple[str, ...]
    rank: int
    version: str
    line: int

    @property
    def bare(self) -> str:
        return bare_version(self.version)

    def evidence(self, file: str) -> Evidence:
        return Evidence(file, self.line, self.name)


def _read(file: SourceFile) -> tuple[Pin, ...]:
    if not _WORDS.search(file.text):
        return ()
    lines = file.text.splitlines()
    found = []
    for position, line in enumerate(lines):
        if not any(digit in line for digit in "0123456789") or line.lstrip().startswith("#"):
            continue
        named = name_of_version(lines, position)
        member = _MEMBERS.get(short_name(named[0])) if named else None
        if named and member:
            family, rank = member
            found.append(Pin(short_name(named[0]), family, rank, named[1], position + 1))
    return tuple(found)


read_pins = BlobMemo(_read)
"""The pins of a file, remembered by its blob id."""
