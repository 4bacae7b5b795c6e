"""Trees of Flux repositories of real shape and size, made up, and the same for a given size and seed.

`company_tree` is a company's: environments with two clusters each, teams, bases that kustomize patches for each
environment, image automation, SOPS secrets, copies of gotk-components.yaml, vendored CRDs. `home_tree` is a home's: one
cluster, a folder for each application, large Helm values, schema comments, templates.
"""

from collections.abc import Iterator
from random import Random

from app.domain.diff import git_blob_id
from app.domain.model import SourceFile, Tree
from benchmarks.manifests import (
    crd,
    external_secret,
    flux_instance_values,
    flux_kustomization,
    gotk_components,
    helm_release,
    image,
    kustomization,
    oci_repository,
    secret,
)

COMPANY_FILES = 1_735
ENVIRONMENTS = ("sbox", "dev", "ithc", "demo", "test", "stg", "prod", "ptl", "ptlsbox")
_FLUX_COPIES = 5
"""So many environments have a gotk-components.yaml of their own; the others share the first."""
_TEAMS = tuple(f"team-{letter}" for letter in "abcdefghijklmnopqrstuvwx")
_NAMESPACES = ("default", "media", "observability", "network", "kube-system", "storage", "database", "security")

_Files = Iterator[tuple[str, str]]


def company_tree(files: int = COMPANY_FILES, *, seed: int = 1) -> Tree:
    """About 2.2 kB a file in the mean, most of them far smaller: a few generated files hold half of the text."""
    random = Random(seed)  # noqa: S311 (no secret)
    texts = dict(_company_flux(random, copies=max(1, _FLUX_COPIES * files // COMPANY_FILES)))
    texts |= dict(_vendored_crds(random, count=max(1, 24 * files // COMPANY_FILES)))
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
        components = f"../../{ENVIRONMENTS[0]}/base/gotk-components.yaml"
        if index < copies:
            components = "gotk-components.yaml"
            yield f"{own}/{components}", gotk_components(random, "v2.5.1" if index else "v2.6.4")
        yield f"{own}/kustomization.yaml", kustomization(["git-credentials.yaml", components])
        yield f"{own}/git-credentials.yaml", secret(random, "git-credentials", 300)
        for cluster in ("00", "01"):
            sync = f"apps/flux-system/{environment}/{cluster}/kustomize.yaml"
            yield sync, flux_kustomization("flux-system", f"./clusters/{environment}/{cluster}")
            yield f"clusters/{environment}/{cluster}/kustomization.yaml", kustomization(["../base", f"../../../{sync}"])
        teams = [f"../../../apps/{_folder_of_kustomization(team, environment)}/kustomize.yaml" for team in _TEAMS]
        yield f"clusters/{environment}/base/kustomization.yaml", kustomization([f"../../../{own}", *teams])


def _vendored_crds(random: Random, *, count: int) -> _Files:
    for index in range(count):
        text = crd(random, f"group-{index % 4}.example.com", f"Thing{index}", ["v1alpha1", "v1"], lines=260)
        yield f"apps/team-a/crds/crd-{index}.yaml", "---\n" + text
    yield "apps/team-a/crds/kustomization.yaml", kustomization([f"crd-{index}.yaml" for index in range(count)])


def _folder_of_kustomization(team: str, environment: str) -> str:
    """Half of the teams have one Flux Kustomization whose path is substituted, the others one for each environment."""
    return f"{team}/base" if _TEAMS.index(team) % 2 else f"{team}/{environment}"


def _company_applications(random: Random) -> _Files:
    """Endless. Teams get their folders first, then one application after the other."""
    for team in _TEAMS:
        yield from _team(random, team)
    index = 0
    while True:
        for team in _TEAMS:
            yield from _company_application(random, team, f"app-{index}")
        index += 1


def _team(random: Random, team: str) -> _Files:
    crds = flux_kustomization(f"{team}-crds", f"./apps/{team}/crds")
    yield f"apps/{team}/base/kustomization.yaml", kustomization(["../../base", "../identity/identity.yaml"])
    yield f"apps/{team}/identity/identity.yaml", secret(random, f"{team}-identity", 40)
    for environment in ENVIRONMENTS:
        folder = _folder_of_kustomization(team, environment)
        path = f"./apps/{team}/{'${ENVIRONMENT}' if folder == f'{team}/base' else environment}/base"
        yield f"apps/{folder}/kustomize.yaml", f"{flux_kustomization(team, path)}---\n{crds}"
        applications = [f"../../app-{index}" for index in range(5)]
        patches = [f"{application}/{environment}.yaml" for application in applications]
        yield (
            f"apps/{team}/{environment}/base/kustomization.yaml",
            kustomization(["../../base", *applications], patches),
        )


def _company_application(random: Random, team: str, name: str) -> _Files:
    folder, full = f"apps/{team}/{name}", f"{team}-{name}"
    yield f"{folder}/{name}.yaml", helm_release(random, full, chart=True, lines=random.randint(12, 60))
    yield f"{folder}/image-repo.yaml", image(full, "ImageRepository", f"  image: registry.example.com/{team}/{name}")
    policy = f"  imageRepositoryRef:\n    name: {full}\n  policy:\n    alphabetical:\n      order: asc"
    yield f"{folder}/image-policy.yaml", image(full, "ImagePolicy", policy)
    yield f"{folder}/kustomization.yaml", kustomization([f"{name}.yaml", "image-repo.yaml", "image-policy.yaml"])
    for environment in ENVIRONMENTS:
        yield f"{folder}/{environment}.yaml", helm_release(random, full, chart=False, lines=random.randint(4, 18))
        if random.random() < 0.2:
            yield f"{folder}/{environment}-values.enc.yaml", secret(random, full, random.randint(200, 5_000))


# --- a home ---------------------------------------------------------------------------------------

_SCHEMAS = "https://raw.githubusercontent.com/fluxcd-community/flux2-schemas/main"


def _home_flux(random: Random) -> _Files:
    schema = f"---\n# yaml-language-server: $schema={_SCHEMAS}/kustomization-kustomize-v1.json\n"
    yield "kubernetes/flux/cluster/ks.yaml", schema + flux_kustomization("cluster-apps", "./kubernetes/apps")
    folder = "kubernetes/apps/flux-system"
    yield f"{folder}/kustomization.yaml", kustomization(["./flux-instance/ks.yaml", "./flux-operator/ks.yaml"])
    for name in ("flux-instance", "flux-operator"):
        yield f"{folder}/{name}/ks.yaml", flux_kustomization(name, f"./{folder}/{name}/app")
        yield f"{folder}/{name}/app/kustomization.yaml", kustomization(["./ocirepository.yaml", "./helmrelease.yaml"])
        yield f"{folder}/{name}/app/ocirepository.yaml", oci_repository(name, "0.20.0", "v1beta2")
        yield f"{folder}/{name}/app/helmrelease.yaml", helm_release(random, name, chart=False, lines=4)
    yield f"{folder}/flux-instance/app/helm/values.yaml", flux_instance_values("2.5.1")
    yield "talos/talenv.yaml", "---\ntalosVersion: v1.10.3\nkubernetesVersion: v1.33.1\n"


def _home_applications(random: Random) -> _Files:
    """Endless."""
    index = 0
    while True:
        yield from _home_application(random, f"app-{index}", _NAMESPACES[index % len(_NAMESPACES)])
        if index % len(_NAMESPACES) == 0:
            yield f"bootstrap/templates/wipe-{index}.yaml.j2", "#% for item in list %#\nkind: Job\n#% endfor %#\n"
        index += 1


def _home_application(random: Random, name: str, namespace: str) -> _Files:
    folder = f"kubernetes/apps/{namespace}/{name}"
    has_secret = random.random() < 0.6
    yield f"{folder}/ks.yaml", "---\n" + flux_kustomization(name, f"./{folder}/app")
    resources = ["./ocirepository.yaml", "./helmrelease.yaml", *(["./externalsecret.yaml"] if has_secret else [])]
    yield f"{folder}/app/kustomization.yaml", "---\n" + kustomization(resources)
    version = f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 9)}"
    api = "v1beta2" if random.random() < 0.8 else "v1"
    yield f"{folder}/app/ocirepository.yaml", oci_repository(name, version, api)
    schema = f"---\n# yaml-language-server: $schema={_SCHEMAS}/helmrelease-helm-v2.json\n"
    release = helm_release(random, name, chart=False, lines=random.randint(30, 110))
    yield f"{folder}/app/helmrelease.yaml", schema + release
    if has_secret:
        yield f"{folder}/app/externalsecret.yaml", external_secret(name)
    if random.random() < 0.15:
        yield f"{folder}/app/secret.sops.yaml", secret(random, name, random.randint(200, 1_500))
