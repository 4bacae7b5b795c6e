"""Trees of Flux repositories as people have them, made up but of real shape and size, and the same for a given seed.

`company_tree` is a company's: environments with two clusters each, teams, bases that kustomize patches for each
environment, image automation, SOPS secrets, a copy of gotk-components.yaml for each environment, vendored CRDs.
`home_tree` is a home's: one cluster, a folder for each application, large Helm values, schema comments, templates.
"""

from collections.abc import Iterator
from random import Random

from app.catalogue import load_catalogue
from app.domain.catalogue import FLUX
from app.domain.diff import git_blob_id
from app.domain.model import Answer, Gvk, SourceFile, Tree
from app.domain.versions import Version

ENVIRONMENTS = ("sbox", "dev", "ithc", "demo", "test", "stg", "prod", "ptl", "ptlsbox")
FLUX_COPIES = 5
"""So many environments have a gotk-components.yaml of their own; the others share the first."""
_WORDS = """the of is to and for this field name must controller object reference value when set Kubernetes namespace
    default resource status optional list condition""".split()

_Files = Iterator[tuple[str, str]]


def company_tree(files: int = 1_735, *, seed: int = 1) -> Tree:
    """About 2.2 kB a file in the mean, most of them far smaller: a few generated files hold half of the text."""
    random = Random(seed)  # noqa: S311 (no secret)
    texts = dict(_company_flux(random, copies=max(1, FLUX_COPIES * files // 1_735)))
    texts |= dict(_vendored_crds(random, count=max(1, 24 * files // 1_735)))
    return _filled(texts, _company_applications(random), files)


def home_tree(files: int = 400, *, seed: int = 1) -> Tree:
    """About 1 kB a file."""
    random = Random(seed)  # noqa: S311 (no secret)
    return _filled(dict(_home_flux(random)), _home_applications(random), files)


def _filled(texts: dict[str, str], more: _Files, files: int) -> Tree:
    for path, text in more:
        if len(texts) >= files:
            break
        texts[path] = text
    return {path: SourceFile(path, git_blob_id(text), text) for path, text in texts.items()}


# --- a company ------------------------------------------------------------------------------------


def _company_flux(random: Random, *, copies: int) -> _Files:
    for index, environment in enumerate(ENVIRONMENTS):
        own = f"apps/flux-system/{environment}/base"
        if index < copies:
            yield f"{own}/gotk-components.yaml", _gotk_components(random, "v2.5.1" if index else "v2.6.4")
        components = "gotk-components.yaml" if index < copies else f"../../{ENVIRONMENTS[0]}/base/gotk-components.yaml"
        yield f"{own}/kustomization.yaml", _kustomization(["git-credentials.yaml", components])
        yield f"{own}/git-credentials.yaml", _secret(random, "git-credentials", 300)
        for cluster in ("00", "01"):
            sync = _flux_kustomization("flux-system", f"./clusters/{environment}/{cluster}")
            yield f"apps/flux-system/{environment}/{cluster}/kustomize.yaml", sync
            patch = f"../../../apps/flux-system/{environment}/{cluster}/kustomize.yaml"
            yield f"clusters/{environment}/{cluster}/kustomization.yaml", _kustomization(["../base", patch])
        teams = [f"../../../apps/{_folder_of_kustomization(team, environment)}/kustomize.yaml" for team in _TEAMS]
        flux = f"../../../apps/flux-system/{environment}/base"
        yield f"clusters/{environment}/base/kustomization.yaml", _kustomization([flux, *teams])


_TEAMS = tuple(f"team-{letter}" for letter in "abcdefghijklmnopqrstuvwx")


def _folder_of_kustomization(team: str, environment: str) -> str:
    """Half of the teams have one Flux Kustomization whose path is substituted, the others one for each environment."""
    return f"{team}/base" if _TEAMS.index(team) % 2 else f"{team}/{environment}"


def _company_applications(random: Random) -> _Files:
    """Endless. Teams get their folders first, then one application after the other."""
    for team in _TEAMS:
        crds = _flux_kustomization(f"{team}-crds", f"./apps/{team}/crds")
        if _TEAMS.index(team) % 2:
            own = _flux_kustomization(team, f"./apps/{team}/${{ENVIRONMENT}}/base")
            yield f"apps/{team}/base/kustomize.yaml", f"{own}---\n{crds}"
        yield f"apps/{team}/base/kustomization.yaml", _kustomization(["../../base", "../identity/identity.yaml"])
        yield f"apps/{team}/identity/identity.yaml", _identity(random, team)
        for environment in ENVIRONMENTS:
            if not _TEAMS.index(team) % 2:
                own = _flux_kustomization(team, f"./apps/{team}/{environment}/base")
                yield f"apps/{team}/{environment}/kustomize.yaml", f"{own}---\n{crds}"
            resources = ["../../base", *(f"../../app-{index}" for index in range(5))]
            patches = [f"../../app-{index}/{environment}.yaml" for index in range(5)]
            yield f"apps/{team}/{environment}/base/kustomization.yaml", _kustomization(resources, patches)
    index = 0
    while True:
        for team in _TEAMS:
            yield from _company_application(random, team, f"app-{index}")
        index += 1


def _company_application(random: Random, team: str, name: str) -> _Files:
    folder, full = f"apps/{team}/{name}", f"{team}-{name}"
    release = _helm_release(random, full, chart=True, values=random.randint(12, 60))
    yield f"{folder}/{name}.yaml", release
    yield f"{folder}/image-repo.yaml", _image(full, "ImageRepository", f"  image: registry.example.com/{team}/{name}")
    policy = "  imageRepositoryRef:\n    name: " + full + "\n  policy:\n    alphabetical:\n      order: asc"
    yield f"{folder}/image-policy.yaml", _image(full, "ImagePolicy", policy)
    yield f"{folder}/kustomization.yaml", _kustomization([f"{name}.yaml", "image-repo.yaml", "image-policy.yaml"])
    for environment in ENVIRONMENTS:
        yield f"{folder}/{environment}.yaml", _helm_release(random, full, chart=False, values=random.randint(4, 18))
        if random.random() < 0.2:
            yield (
                f"{folder}/{environment}-values.enc.yaml",
                _secret(random, f"{full}-values", random.randint(200, 5_000)),
            )


def _gotk_components(random: Random, version: str) -> str:
    """What `flux install --export` writes: a header, every CRD of Flux, the controllers; about 330 kB."""
    parts = [
        f"---\n# This manifest was generated by flux. DO NOT EDIT.\n# Flux Version: {version}\n"
        "# Components: source-controller,kustomize-controller,helm-controller,notification-controller,"
        "image-reflector-controller,image-automation-controller\n"
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  labels:\n    app.kubernetes.io/part-of: flux\n"
        f"    app.kubernetes.io/version: {version}\n  name: flux-system\n"
    ]
    flux, release = load_catalogue().providers[FLUX], Version.parse(version)
    assert release is not None
    for (group, kind), facts in flux.kinds.items():
        served = [name for name in facts.versions if flux.served(release, Gvk(group, kind, name)) is Answer.YES]
        if served:
            parts.append(_crd(random, group, kind, served, lines=190))
    parts += [_deployment(random, f"{name}-controller", version) for name in ("source", "kustomize", "helm")]
    return "---\n".join(parts)


def _vendored_crds(random: Random, *, count: int) -> _Files:
    paths = []
    for index in range(count):
        path = f"apps/team-a/crds/crd-{index}.yaml"
        yield (
            path,
            "---\n" + _crd(random, f"group-{index % 4}.example.com", f"Thing{index}", ["v1alpha1", "v1"], lines=260),
        )
        paths.append(f"crd-{index}.yaml")
    yield "apps/team-a/crds/kustomization.yaml", _kustomization(paths)


def _crd(random: Random, group: str, kind: str, versions: list[str], *, lines: int) -> str:
    plural = kind.lower() + "s"
    return (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n"
        f"    controller-gen.kubebuilder.io/version: v0.16.1\n  name: {plural}.{group}\nspec:\n  group: {group}\n"
        f"  names:\n    kind: {kind}\n    listKind: {kind}List\n    plural: {plural}\n    singular: {kind.lower()}\n"
        "  scope: Namespaced\n  versions:\n"
        + "".join(_crd_version(random, kind, version, lines, last=version == versions[-1]) for version in versions)
    )


def _crd_version(random: Random, kind: str, version: str, lines: int, *, last: bool) -> str:
    text = [
        "  - additionalPrinterColumns:\n    - jsonPath: .metadata.creationTimestamp\n      name: Age\n      type: date\n"
        f"    name: {version}\n    schema:\n      openAPIV3Schema:\n        description: {kind} is the Schema for the API\n"
        "        properties:\n          apiVersion:\n            type: string\n          kind:\n            type: string\n"
        "          metadata:\n            type: object\n          spec:\n            properties:\n"
    ]
    depth = 14
    while lines > 0:
        pad = " " * depth
        text.append(
            f"{pad}field{lines}:\n{pad}  description: |-\n{pad}    {_sentence(random)}\n{pad}    {_sentence(random)}\n"
        )
        if depth < 22 and random.random() < 0.2:
            text.append(f"{pad}  properties:\n")
            depth += 4
        else:
            text.append(f"{pad}  type: string\n")
            depth = max(14, depth - random.choice((0, 0, 4)))
        lines -= 5
    pad = " " * 12
    text.append(f"{pad}  dummy:\n{pad}    type: string\n{pad}type: object\n        type: object\n    served: true\n")
    text.append(f"    storage: {'true' if last else 'false'}\n    subresources:\n      status: {{}}\n")
    return "".join(text)


def _sentence(random: Random) -> str:
    return " ".join(random.choices(_WORDS, k=9)).capitalize() + "."


def _deployment(random: Random, name: str, version: str) -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  replicas: 1\n"
        f"  template:\n    spec:\n      containers:\n      - args:\n        - --watch-all-namespaces=true\n"
        f"        image: ghcr.io/fluxcd/{name}:{version}\n        env:\n        - name: RUNTIME_NAMESPACE\n"
        "          valueFrom:\n            fieldRef:\n              apiVersion: v1\n"
        f"              fieldPath: metadata.namespace\n{_values(random, 20, '        ')}"
    )


# --- a home ---------------------------------------------------------------------------------------

_NAMESPACES = ("default", "media", "observability", "network", "kube-system", "storage", "database", "security")


def _home_flux(random: Random) -> _Files:
    schema = "https://raw.githubusercontent.com/fluxcd-community/flux2-schemas/main"
    yield (
        "kubernetes/flux/cluster/ks.yaml",
        f"---\n# yaml-language-server: $schema={schema}/kustomization-kustomize-v1.json\n"
        + _flux_kustomization("cluster-apps", "./kubernetes/apps"),
    )
    flux = "kubernetes/apps/flux-system"
    yield f"{flux}/kustomization.yaml", _kustomization(["./flux-instance/ks.yaml", "./flux-operator/ks.yaml"])
    for name, version in (("flux-instance", "0.20.0"), ("flux-operator", "0.20.0")):
        yield f"{flux}/{name}/ks.yaml", _flux_kustomization(name, f"./kubernetes/apps/flux-system/{name}/app")
        yield f"{flux}/{name}/app/kustomization.yaml", _kustomization(["./ocirepository.yaml", "./helmrelease.yaml"])
        yield f"{flux}/{name}/app/ocirepository.yaml", _oci_repository(name, f"charts/{name}", version, "v1beta2")
        yield f"{flux}/{name}/app/helmrelease.yaml", _helm_release(random, name, chart=False, values=4)
    yield (
        f"{flux}/flux-instance/app/helm/values.yaml",
        "---\ninstance:\n  distribution:\n    # renovate: datasource=github-releases depName=fluxcd/flux2\n"
        "    version: 2.5.1\n  cluster:\n    networkPolicy: false\n  components:\n    - source-controller\n"
        "    - kustomize-controller\n    - helm-controller\n    - notification-controller\n"
        "  sync:\n    kind: GitRepository\n    url: https://github.com/example/home-ops\n    ref: refs/heads/main\n"
        "    path: kubernetes/flux/cluster\n",
    )
    yield "talos/talenv.yaml", "---\ntalosVersion: v1.10.3\nkubernetesVersion: v1.33.1\n"


def _home_applications(random: Random) -> _Files:
    index = 0
    while True:
        namespace = _NAMESPACES[index % len(_NAMESPACES)]
        name = f"app-{index}"
        folder = f"kubernetes/apps/{namespace}/{name}"
        yield f"{folder}/ks.yaml", "---\n" + _flux_kustomization(name, f"./{folder}/app")
        has_secret = random.random() < 0.6
        resources = ["./ocirepository.yaml", "./helmrelease.yaml", *(["./externalsecret.yaml"] if has_secret else [])]
        yield f"{folder}/app/kustomization.yaml", "---\n" + _kustomization(resources)
        version = f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 9)}"
        api = "v1beta2" if random.random() < 0.8 else "v1"
        yield f"{folder}/app/ocirepository.yaml", _oci_repository(name, f"charts/{name}", version, api)
        release = _helm_release(random, name, chart=False, values=random.randint(30, 110))
        yield f"{folder}/app/helmrelease.yaml", _HELM_SCHEMA + release
        if has_secret:
            yield f"{folder}/app/externalsecret.yaml", _external_secret(name)
        if random.random() < 0.15:
            yield f"{folder}/app/secret.sops.yaml", _secret(random, name, random.randint(200, 1_500))
        if index % len(_NAMESPACES) == 0:
            yield f"bootstrap/templates/wipe-{index}.yaml.j2", "#% for item in list %#\nkind: Job\n#% endfor %#\n"
        index += 1


_HELM_SCHEMA = (
    "---\n# yaml-language-server: $schema=https://raw.githubusercontent.com/bjw-s/helm-charts/main/charts/other/"
    "app-template/schemas/helmrelease-helm-v2.schema.json\n"
)


def _oci_repository(name: str, path: str, version: str, api: str) -> str:
    return (
        f"---\napiVersion: source.toolkit.fluxcd.io/{api}\nkind: OCIRepository\nmetadata:\n  name: {name}\nspec:\n"
        "  interval: 1h\n  layerSelector:\n    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip\n"
        f"    operation: copy\n  ref:\n    tag: {version}\n  url: oci://ghcr.io/example/{path}\n"
    )


def _external_secret(name: str) -> str:
    return (
        f"---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\nspec:\n"
        "  secretStoreRef:\n    kind: ClusterSecretStore\n    name: onepassword\n  target:\n"
        f'    name: {name}-secret\n    template:\n      data:\n        TOKEN: "{{{{ .TOKEN }}}}"\n'
        f"  dataFrom:\n    - extract:\n        key: {name}\n"
    )


# --- both -----------------------------------------------------------------------------------------


def _kustomization(resources: list[str], patches: list[str] | None = None) -> str:
    lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"]
    lines += [f"  - {resource}" for resource in resources]
    if patches:
        target = "    target:\n      group: helm.toolkit.fluxcd.io\n      version: v2\n      kind: HelmRelease"
        lines += ["patches:", *(f"  - path: {patch}\n{target}" for patch in patches)]
    return "\n".join(lines) + "\n"


def _flux_kustomization(name: str, path: str) -> str:
    return (
        f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n"
        "  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n"
        f"  path: {path}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n  postBuild:\n    substitute:\n"
        f'      NAMESPACE: "{name}"\n'
    )


def _helm_release(random: Random, name: str, *, chart: bool, values: int) -> str:
    text = (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\n  namespace: apps\nspec:\n"
        f"  interval: 1h\n  releaseName: {name}\n"
    )
    if chart:
        version = f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 9)}"
        text += (
            f"  chart:\n    spec:\n      chart: {name}\n      version: {version}\n      sourceRef:\n"
            "        kind: HelmRepository\n        name: charts\n        namespace: admin\n"
        )
    return (
        f"{text}  values:\n    image:\n      repository: registry.example.com/{name}\n      tag: {_tag(random)}\n"
        + _values(random, values, "    ")
    )


def _tag(random: Random) -> str:
    return f"v{random.randint(0, 9)}.{random.randint(0, 40)}.{random.randint(0, 9)}"


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


def _image(name: str, kind: str, spec: str) -> str:
    return f"apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{spec}\n"


def _identity(random: Random, team: str) -> str:
    client = "".join(random.choices("0123456789abcdef", k=32))
    return (
        f"apiVersion: aadpodidentity.k8s.io/v1\nkind: AzureIdentity\nmetadata:\n  name: {team}\nspec:\n  type: 0\n"
        f"  clientID: {client}\n"
    )


def _secret(random: Random, name: str, size: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    data = "".join(random.choices(letters, k=size))
    return (
        f"apiVersion: v1\ndata:\n  value: ENC[AES256_GCM,data:{data},iv:abc=,tag:def==,type:str]\nkind: Secret\nmetadata:\n"
        f"  name: {name}\nsops:\n  age:\n    - recipient: age1{data[:40].lower()}\n      enc: |\n"
        "        -----BEGIN AGE ENCRYPTED FILE-----\n        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB\n"
        '        -----END AGE ENCRYPTED FILE-----\n  lastmodified: "2025-07-07T08:41:00Z"\n'
        "  encrypted_regex: ^(data|stringData)$\n  version: 3.9.4\n"
    )
