"""Lines that say which Talos or Kubernetes a cluster's nodes run: plain lines, often in templates, in many shapes.

talenv.yaml and talconfig.yaml, machine configurations, `.env` and mise's `[env]`, Terraform locals, substitutions of a
Flux Kustomization. A `# renovate:` comment above a line tells what it pins where the key does not. Pins of command line
tools (`talosctl`, `kubectl`) are no versions of a cluster, whatever stands above them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.catalogue import KUBERNETES, TALOS

WORDS = (
    r"talosVersion|TALOS_VERSION|talos_version|kubernetesVersion|KUBERNETES_VERSION|kubernetes_version"
    r"|k3s_release_version|siderolabs/|talos\.dev/|/installer:|kube-apiserver|kubernetes/kubernetes"
)
"""A text in which none of these is found has no such line."""


@dataclass(frozen=True, slots=True)
class NodeLine:
    """`version` as written; `line` is 1-based."""

    provider: str
    version: str
    line: int
    text: str


_RELEASE = r"v?\d+\.\d+\.\d+[\w.+-]*"
_ASSIGNED = rf"""\s*[:=]\s*(?:&\w+\s+)?["']?(?P<version>{_RELEASE})["']?\s*,?\s*(?:\#|//|$)"""
_KEY = r"""^\s*(?:-\s+)?(?:export\s+)?["']?"""
_PATH = r"""(?:\{\{[^}]*\}\}|[^\s:"'])+"""
_LINES = (
    (TALOS, re.compile(rf"{_KEY}(?:talosVersion|TALOS_VERSION|talos_version)[\"']?{_ASSIGNED}")),
    (
        KUBERNETES,
        re.compile(
            rf"{_KEY}(?:kubernetesVersion|KUBERNETES_VERSION|kubernetes_version|k3s_release_version)[\"']?{_ASSIGNED}"
        ),
    ),
    (TALOS, re.compile(rf"\b(?:ghcr\.io/siderolabs/installer|factory\.talos\.dev/{_PATH}):(?P<version>{_RELEASE})")),
    (
        KUBERNETES,
        re.compile(rf"\b(?:siderolabs/kubelet|registry\.k8s\.io/kube-apiserver):(?P<version>{_RELEASE})"),
    ),
)
_OWN_INSTALLER = re.compile(rf"^\s*image:\s*[\"']?{_PATH}/installer:(?P<version>{_RELEASE})")
"""An installer of one's own, built by Talos' imager: only in a machine configuration is it known to be one."""

_HINT = re.compile(r"#\s*renovate:.*?\b(?:depName|packageName)=[\"']?(?P<name>[^\s\"']+)")
_HINTED = re.compile(rf"""^\s*(?:-\s+)?(?:export\s+)?["']?(?P<key>[\w.-]+)["']?{_ASSIGNED}""")
_HINT_NAMES = {
    "siderolabs/installer": TALOS,
    "siderolabs/talos": TALOS,
    "siderolabs/kubelet": KUBERNETES,
    "kubernetes/kubernetes": KUBERNETES,
    "registry.k8s.io/kube-apiserver": KUBERNETES,
}
_NOT_OF_THE_CLUSTER = re.compile(r"talosctl|kubectl|talhelper|kubeconform|schema(?!tic)", re.IGNORECASE)
_VERSION_KEYS = {
    TALOS: re.compile(r"version|talos|system|installer|tag", re.IGNORECASE),
    KUBERNETES: re.compile(r"version|kube|k8s|tag", re.IGNORECASE),
}
_INTERESTING = re.compile(WORDS)


def read_node_lines(text: str) -> Iterator[NodeLine]:
    """Every such line of a file."""
    if not _INTERESTING.search(text):
        return
    machine_config = re.search(r"^machine:", text, re.MULTILINE) is not None or "talos" in text.casefold()
    hinted: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith(("#", "//")):
            hinted = _provider_of_hint(stripped) or hinted
            continue
        if not stripped:
            continue
        provider, hinted = _provider_of_hint(line) or hinted, None
        if (found := _read_line(line, provider, machine_config=machine_config)) is not None:
            yield NodeLine(*found, number, stripped)


def _read_line(line: str, hinted: str | None, *, machine_config: bool) -> tuple[str, str] | None:
    """Provider and version; None where the line pins neither, or a tool."""
    if _NOT_OF_THE_CLUSTER.search(line.partition("#")[0]):
        return None
    for provider, pattern in _LINES:
        if match := pattern.search(line):
            return provider, match.group("version")
    if machine_config and (match := _OWN_INSTALLER.search(line)):
        return TALOS, match.group("version")
    if hinted is not None and (match := _HINTED.match(line)) and _VERSION_KEYS[hinted].search(match.group("key")):
        return hinted, match.group("version")
    return None


def _provider_of_hint(line: str) -> str | None:
    match = _HINT.search(line)
    if match is None:
        return None
    name = match.group("name")
    if name.startswith("factory.talos.dev/") or name.endswith("/installer"):
        return TALOS
    return next((provider for known, provider in _HINT_NAMES.items() if name.endswith(known)), None)
