"""Which Flux serves which of its APIs, as far as the stand-in cluster has to know."""

import re
from collections.abc import Mapping

RELEASES = (
    "2.2.3", "2.3.0", "2.4.0", "2.5.0", "2.5.1", "2.6.0", "2.6.1", "2.6.4", "2.7.0", "2.7.5", "2.8.0", "2.8.8", "2.9.0",
)  # fmt: skip
"""Distributions that the operator can install."""

Minor = tuple[int, int]
NEVER: Minor = (99, 0)

SERVED: Mapping[str, Mapping[str, tuple[Minor, Minor]]] = {
    "source.toolkit.fluxcd.io/OCIRepository": {"v1beta2": ((2, 0), (2, 8)), "v1": ((2, 6), NEVER)},
    "source.toolkit.fluxcd.io/GitRepository": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 8)), "v1": ((2, 0), NEVER)
    },
    "source.toolkit.fluxcd.io/HelmRepository": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 8)), "v1": ((2, 3), NEVER)
    },
    "source.toolkit.fluxcd.io/Bucket": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 8)), "v1": ((2, 4), NEVER)
    },
    "helm.toolkit.fluxcd.io/HelmRelease": {
        "v2beta1": ((2, 0), (2, 7)), "v2beta2": ((2, 2), (2, 8)), "v2": ((2, 3), NEVER)
    },
    "kustomize.toolkit.fluxcd.io/Kustomization": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 8)), "v1": ((2, 0), NEVER)
    },
    "image.toolkit.fluxcd.io/ImagePolicy": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 9)), "v1": ((2, 7), NEVER)
    },
    "image.toolkit.fluxcd.io/ImageRepository": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 9)), "v1": ((2, 7), NEVER)
    },
    "image.toolkit.fluxcd.io/ImageUpdateAutomation": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 3), (2, 9)), "v1": ((2, 7), NEVER)
    },
    "notification.toolkit.fluxcd.io/Receiver": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 9)), "v1": ((2, 0), NEVER)
    },
    "notification.toolkit.fluxcd.io/Alert": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 9)), "v1beta3": ((2, 2), NEVER)
    },
    "notification.toolkit.fluxcd.io/Provider": {
        "v1beta1": ((2, 0), (2, 7)), "v1beta2": ((2, 0), (2, 9)), "v1beta3": ((2, 2), NEVER)
    },
}  # fmt: skip
"""group/kind -> version -> the minor that brought it and the one that no longer has it. From the CRDs of
https://github.com/fluxcd/flux2/tree/main/manifests/crds."""


def newest_release(wanted: str) -> str | None:
    """The newest release that the version or range (`2.x`, `2.6.x`, `2.6.1`) allows; None when there is none."""
    pattern = re.compile(re.escape(wanted.removeprefix("v")).replace(r"\*", ".*").replace("x", ".*"))
    matching = [release for release in RELEASES if pattern.fullmatch(release)]
    return matching[-1] if matching else None


def minor_of(version: str) -> Minor:
    major, minor = version.removeprefix("v").split(".")[:2]
    return int(major), int(minor)
