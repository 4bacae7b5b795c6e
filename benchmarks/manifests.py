"""Texts of manifests as they stand in Flux repositories, with made-up names and values."""

from collections.abc import Sequence
from random import Random

from app.catalogue import load_catalogue
from app.domain.catalogue import FLUX
from app.domain.model import Answer, Gvk
from app.domain.versions import Version

_WORDS = (
    *("the", "of", "is", "to", "and", "for", "this", "field", "name", "must", "controller", "object", "reference"),
    *("value", "when", "set", "Kubernetes", "namespace", "default", "resource", "status", "optional", "condition"),
)


def kustomization(resources: Sequence[str], patches: Sequence[str] = ()) -> str:
    lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"]
    lines += [f"  - {resource}" for resource in resources]
    if patches:
        lines.append("patches:")
    for patch in patches:
        target = ["group: helm.toolkit.fluxcd.io", "version: v2", "kind: HelmRelease"]
        lines += [f"  - path: {patch}", "    target:", *(f"      {line}" for line in target)]
    return "\n".join(lines) + "\n"


def flux_kustomization(name: str, path: str) -> str:
    return f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  interval: 10m
  prune: true
  path: {path}
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substitute:
      NAMESPACE: "{name}"
"""


def helm_release(random: Random, name: str, *, chart: bool, lines: int) -> str:
    """With about 1.5 times `lines` lines of values; `chart` says that it names its chart and version itself."""
    version = f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 9)}"
    from_repository = f"""\
  chart:
    spec:
      chart: {name}
      version: {version}
      sourceRef:
        kind: HelmRepository
        name: charts
        namespace: admin
"""
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {name}
  namespace: apps
spec:
  interval: 1h
  releaseName: {name}
{from_repository if chart else ""}\
  values:
    image:
      repository: registry.example.com/{name}
      tag: v{random.randint(0, 9)}.{random.randint(0, 40)}.{random.randint(0, 9)}
{_values(random, lines, "    ")}"""


def oci_repository(name: str, version: str, api: str) -> str:
    return f"""\
---
apiVersion: source.toolkit.fluxcd.io/{api}
kind: OCIRepository
metadata:
  name: {name}
spec:
  interval: 1h
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
  ref:
    tag: {version}
  url: oci://ghcr.io/example/charts/{name}
"""


def external_secret(name: str) -> str:
    return f"""\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {name}
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: onepassword
  target:
    name: {name}-secret
    template:
      data:
        TOKEN: "{{{{ .TOKEN }}}}"
  dataFrom:
    - extract:
        key: {name}
"""


def image(name: str, kind: str, spec: str) -> str:
    return f"apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{spec}\n"


def secret(random: Random, name: str, size: int) -> str:
    """As SOPS leaves it: one long line, and its own block behind."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    data = "".join(random.choices(letters, k=size))
    return f"""\
apiVersion: v1
data:
  value: ENC[AES256_GCM,data:{data},iv:abc=,tag:def==,type:str]
kind: Secret
metadata:
  name: {name}
sops:
  age:
    - recipient: age1{data[:40].lower()}
      enc: |
        -----BEGIN AGE ENCRYPTED FILE-----
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB
        -----END AGE ENCRYPTED FILE-----
  lastmodified: "2025-07-07T08:41:00Z"
  encrypted_regex: ^(data|stringData)$
  version: 3.9.4
"""


def flux_instance_values(version: str) -> str:
    return f"""\
---
instance:
  distribution:
    # renovate: datasource=github-releases depName=fluxcd/flux2
    version: {version}
  cluster:
    networkPolicy: false
  components:
    - source-controller
    - kustomize-controller
    - helm-controller
    - notification-controller
  sync:
    kind: GitRepository
    url: https://github.com/example/home-ops
    ref: refs/heads/main
    path: kubernetes/flux/cluster
"""


def gotk_components(random: Random, version: str) -> str:
    """What `flux install --export` writes: a header, every CRD of that release, the controllers; about 350 kB."""
    flux, release = load_catalogue().providers[FLUX], Version.parse(version)
    assert release is not None
    parts = [_GOTK_HEADER.replace("VERSION", version)]
    for (group, kind), facts in flux.kinds.items():
        served = [name for name in facts.versions if flux.served(release, Gvk(group, kind, name)) is Answer.YES]
        if served:
            parts.append(crd(random, group, kind, served, lines=190))
    parts += [_deployment(random, f"{name}-controller", version) for name in ("source", "kustomize", "helm")]
    return "---\n".join(parts)


_GOTK_HEADER = """\
---
# This manifest was generated by flux. DO NOT EDIT.
# Flux Version: VERSION
# Components: source-controller,kustomize-controller,helm-controller,notification-controller,image-reflector-controller
apiVersion: v1
kind: Namespace
metadata:
  labels:
    app.kubernetes.io/part-of: flux
    app.kubernetes.io/version: VERSION
  name: flux-system
"""


def _deployment(random: Random, name: str, version: str) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: flux-system
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --watch-all-namespaces=true
        image: ghcr.io/fluxcd/{name}:{version}
        env:
        - name: RUNTIME_NAMESPACE
          valueFrom:
            fieldRef:
              apiVersion: v1
              fieldPath: metadata.namespace
{_values(random, 20, "        ")}"""


def crd(random: Random, group: str, kind: str, versions: Sequence[str], *, lines: int) -> str:
    """In the layout that controller-gen writes, with about `lines` lines of schema a version."""
    plural = kind.lower() + "s"
    head = f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.16.1
  name: {plural}.{group}
spec:
  group: {group}
  names:
    kind: {kind}
    listKind: {kind}List
    plural: {plural}
    singular: {kind.lower()}
  scope: Namespaced
  versions:
"""
    return head + "".join(
        _CRD_VERSION.replace("VERSION", version)
        .replace("KIND", kind)
        .replace("FIELDS\n", _fields(random, lines))
        .replace("STORED", str(version == versions[-1]).lower())
        for version in versions
    )


_CRD_VERSION = """\
  - additionalPrinterColumns:
    - jsonPath: .metadata.creationTimestamp
      name: Age
      type: date
    name: VERSION
    schema:
      openAPIV3Schema:
        description: KIND is the Schema for the API
        properties:
          apiVersion:
            type: string
          kind:
            type: string
          metadata:
            type: object
          spec:
            properties:
FIELDS
            type: object
        type: object
    served: true
    storage: STORED
    subresources:
      status: {}
"""


def _fields(random: Random, lines: int) -> str:
    text, depth = [], 14
    for number in range(0, lines, 5):
        pad = " " * depth
        text.append(f"{pad}field{number}:\n{pad}  description: |-\n")
        text += [f"{pad}    {_sentence(random)}\n" for _ in range(2)]
        if depth < 22 and random.random() < 0.2:
            text.append(f"{pad}  properties:\n{pad}    inner{number}:\n{pad}      type: string\n")
            depth += 4
        else:
            text.append(f"{pad}  type: string\n")
            depth = max(14, depth - random.choice((0, 0, 4)))
    return "".join(text)


def _sentence(random: Random) -> str:
    return " ".join(random.choices(_WORDS, k=9)).capitalize() + "."


def _values(random: Random, lines: int, pad: str) -> str:
    text = []
    for number in range(lines):
        match random.randrange(6):
            case 0:
                text.append(f"{pad}key{number}:\n{pad}  enabled: true\n{pad}  size: {random.randint(1, 64)}Gi\n")
            case 1:
                text.append(f'{pad}list{number}:\n{pad}  - name: item\n{pad}    value: "{random.randint(1, 9999)}"\n')
            case 2:
                text.append(f"{pad}# {_sentence(random)}\n{pad}host{number}: app.${{SECRET_DOMAIN}}\n")
            case 3:
                text.append(f"{pad}resources{number}: {{ requests: {{ cpu: 10m, memory: 128Mi }} }}\n")
            case _:
                text.append(f"{pad}setting{number}: {random.choice(_WORDS)}-{random.randint(1, 999)}\n")
    return "".join(text)
