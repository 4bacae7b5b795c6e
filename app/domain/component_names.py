"""Names of upstreams by what they are for, as the last path segment of image, chart and repository names.

These are facts of the ecosystem: what a chart called `cilium` is does not depend on the repository that uses it.
Add a name to the topic it belongs to; `app.domain.upstreams` says how names, words and owners weigh against each other.
"""

from app.domain import application_names, infrastructure_names


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FLUX = _names(
    """
    flux-operator flux-instance flux-operator-manifests flux-manifests distribution flux2 flux2-sync flux
    flux-sync source-controller kustomize-controller helm-controller notification-controller
    image-reflector-controller image-automation-controller source-watcher flux-installation flux-components gotk
    gotk-components
    """
)
"""What serves Flux itself. Some of these names are others' too: then one of `FLUX_OWNERS` must stand before them."""

FLUX_UNAMBIGUOUS = FLUX - {"distribution", "flux", "flux-sync"}
FLUX_OWNERS = frozenset({"fluxcd", "controlplaneio-fluxcd", "fluxcd-community"})

TOOLS = _names(
    """
    flux-cli flux-local flate konflate renovate renovate-cli talosctl talhelper kubectl helmfile kustomize
    kubeconform sops age yq jq go-task task mise minijinja cue gum krew k9s stern gh yamllint prettier
    pre-commit pre-commit-hooks commitlint-pre-commit-hook kubeval kube-linter super-linter megalinter
    markdownlint-cli markdownlint-cli2 shellcheck tflint checkov gitleaks trufflehog actionlint zizmor hadolint
    yamlfmt yamale oxfmt dprint lefthook husky direnv devbox aqua asdf hermit tilt ctlptl kind k3d minikube
    terraform opentofu terragrunt terraform-docs tfsec infracost ansible ansible-core ansible-lint packer vagrant
    cosign syft grype trivy dive crane skopeo oras kubectx kubens kubecolor kubeseal
    cilium-cli hubble-cli velero-cli argocd-cli istioctl linkerd-cli vcluster-cli
    chart-testing helm helm-docs helm-diff helm-secrets helm-unittest kubepug pluto nova kubent kube-capacity
    jsonnet jsonnet-bundler tanka timoni dagger earthly goreleaser semantic-release release-please
    node nodejs pnpm yarn npm bun deno uv pipx poetry pdm ruff mypy black flake8 pylint go golang golangci-lint rust
    typescript eslint vite vitest jest webpack rollup turbo nx astro docusaurus mkdocs mkdocs-material
    renovate-ce mend-renovate-ce renovate-operator renovate-presets
    """
)

INFRASTRUCTURE = infrastructure_names.INFRASTRUCTURE
APPLICATIONS = application_names.APPLICATIONS
DATA_SERVICES = infrastructure_names.DATA_SERVICES
