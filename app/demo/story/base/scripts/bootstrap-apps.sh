#!/usr/bin/env bash
set -Eeuo pipefail

export ROOT_DIR="$(git rev-parse --show-toplevel)"

# CRDs to be applied before the helmfile charts are installed
function apply_crds() {
    echo "Applying CRDs"

    local -r crds=(
        # renovate: datasource=github-releases depName=prometheus-operator/prometheus-operator
        https://github.com/prometheus-operator/prometheus-operator/releases/download/v0.82.2/stripped-down-crds.yaml
        # renovate: datasource=github-releases depName=kubernetes-sigs/external-dns
        https://raw.githubusercontent.com/kubernetes-sigs/external-dns/refs/tags/v0.17.0/docs/sources/crd/crd-manifest.yaml
    )

    for crd in "${crds[@]}"; do
        kubectl apply --server-side --filename "${crd}"
    done
}

# Sync Helm releases
function sync_helm_releases() {
    helmfile --file "${ROOT_DIR}/bootstrap/helmfile.yaml" sync --hide-notes
}

function main() {
    apply_crds
    sync_helm_releases
}

main "$@"
