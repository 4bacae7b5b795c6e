"""Who publishes an upstream: owners of repositories and images, names of Helm repositories, registries.

Most owners publish one kind of thing, so the owner tells what a name that nobody knows is: `longhornio/backing-image`
belongs to Longhorn. Owners who publish both kinds (`home-operations`, `bitnami`, `library`) are not here.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


REGISTRIES = _names("registry.k8s.io k8s.gcr.io factory.talos.dev public.ecr.aws/karpenter public.ecr.aws/eks")
"""Registries in which Kubernetes itself, its interest groups or an operating system for it publish their images."""

INFRASTRUCTURE = _names(
    """
    actions-runner-controller alexellis alibaba-higress altinity antrea-io appscode aquasecurity argoproj
    argoproj-labs authelia aws-controllers-k8s aws-observability backube bank-vaults banzaicloud bitnami-labs brancz
    calico capsule ceph ceph-csi cert-manager chaos-mesh cilium cloudflare cloudnative-pg containernetworking
    controlplaneio coredns coreos coroot cozystack crossplane crossplane-contrib crowdsecurity crunchydata cybozu-go
    dapr datadog deckhouse democratic-csi dexidp dragonflydb dynatrace elastic emberstack emissary-ingress enix
    envoyproxy external-dns external-secrets external-secrets-inc fairwinds fairwinds-ops fairwinds-stable
    falcosecurity flannel-io fluent fluxninja giantswarm goauthentik goharbor grafana grafana-community
    grafana-operator haproxytech hashicorp hetznercloud hpe-storage infisical influxdata ingress-nginx inlets
    inspektor-gadget intel istio istio-release jaegertracing jetstack juanfont k0sproject k3s-io k8gb k8s-gateway
    k8s-staging-sig-storage k8snetworkplumbingwg k8up-io karmada-io karpenter kastenhq kedacore kedify keycloak
    kiali knative kong konghq kserve kube-logging kube-vip kubecost kubeovn kubereboot kubernetes kubernetes-csi
    kubernetes-dashboard kubernetes-retired kubernetes-sigs kubescape kubeshop kubevip kubevirt kubewarden kyverno
    libcapsule linkerd linkerd2 litmuschaos lldap loft-sh longhorn longhornio mariadb-operator medik8s metallb
    metrics-server mittwald netbirdio netdata neuvector newrelic nfd nginx-stable node-feature-discovery nvidia
    oauth2-proxy open-cluster-management open-policy-agent open-telemetry opencost openebs openfaas openkruise
    openshift openzfs operator-framework ory ot-container-kit percona percona-lab piraeus piraeusdatastore
    planetscale pocket-id pomerium portworx postfinance project-zot projectcalico projectcontour prom prometheus
    prometheus-community prometheus-msteams prometheus-operator prometheuscommunity rancher rancher-stable
    rancherlabs robusta-dev rook rook-release secrets-store-csi-driver shipwright-io siderolabs sig-storage sigstore
    smallstep snyk solo-io spegel-org spidernet-io spiffe spotahome stackgres stackrox stakater stashed strimzi
    sysdig sysdiglabs tailscale tektoncd tetratelabs thanos thanos-io tigera timberio tinkerbell topolvm traefik
    traefiklabs twistlock unpoller vectordotdev velero velero-io victorialogs victoriametrics vmware-tanzu
    volcano-sh volsync wazuh weaveworks wiremind x509-certificate-exporter xenitab zalando zitadel zot-community
    """
)
"""`cloudflare` runs cloudflared and its operators, `nvidia` and `intel` bring devices."""

APPLICATIONS = _names(
    """
    actualbudget advplyr alexbelgium atuinsh autobrr berriai binwiederhier blakeblackshear chocobozzz cr.hotio.dev
    crazymax cross-seed dani-garcia dgtlmoon djjudas21 dpage drupal element-hq emby esphome excalidraw fallenbagel
    firefly-iii fireflyiii forgejo freshrss gabe565 geek-cookbook gethomepage ghost gitea gitlab go-gitea gotify
    gotson hoarder-app home-assistant homeassistant hotio immich-app itzg jacobalberty jellyfin jenkins jenkinsci
    k8s-at-home k8sathome karakeep-app kizaing koenkk kometa-team linkwarden linuxserver lissy93 lscr.io maintainerr
    mastodon matrix-org matrixdotorg mattermost mautrix mbentley mealie-recipes metabase miniflux music-assistant
    n8nio netboxcommunity nextcloud node-red nodered oci.trueforge.org ollama open-webui outlinewiki owncloud
    paperless-ngx pgadmin photoprism plankanban plexinc qbittorrentofficial radarr recyclarr requarks rommapp
    sabnzbd sct searxng sissbruecker sonarr sonarsource sonatype stirling-tools sysadminsmedia teslamate truecharts
    unpackerr vaultwarden vector-im wallabag wordpress zwave-js
    """
)
