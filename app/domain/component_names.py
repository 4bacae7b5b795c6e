"""Names of upstreams by what they do in a cluster, as the last path segment of image, chart and repository names.

These are facts of the ecosystem: what a chart called `cilium` is does not depend on the repository that uses it.
Add a name to the topic it belongs to; `app.domain.components` says how names, paths and words weigh against each other.
"""


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
    pre-commit pre-commit-hooks commitlint-pre-commit-hook kubeval kube-linter super-linter markdownlint-cli
    shellcheck tflint checkov gitleaks
    """
)

NETWORK = _names(
    """
    cilium calico tigera-operator flannel kube-router multus multus-cni kube-ovn antrea whereabouts metallb
    kube-vip frr purelb spegel kubelet-csr-approver coredns k8s-gateway k8s_gateway external-dns externaldns
    unbound bind9 dnsdist blocky adguard-home adguardhome pihole pi-hole pdns powerdns ingress-nginx
    nginx-ingress nginx-ingress-controller traefik traefik2 traefik-crds haproxy haproxy-ingress kong contour
    envoy envoy-gateway gateway gateway-helm gateway-api gateway-crds-helm istio istiod istio-base istio-ingress
    base ztunnel linkerd linkerd2 linkerd-control-plane consul cloudflared cloudflare-operator cloudflare-tunnel
    cloudflare-ddns ddns-updater tailscale tailscale-operator k8s-operator netbird headscale wireguard wg-easy
    pomerium nginx-proxy echo-gateway oauth2-proxy traefik-forward-auth external-auth-server crowdsec
    error-pages kgateway kgateway-crds submariner netmaker
    """
)
STORAGE = _names(
    """
    rook rook-ceph rook-ceph-cluster ceph ceph-csi-drivers ceph-csi-rbd ceph-csi-cephfs longhorn openebs
    mayastor localpv-provisioner local-path-provisioner local-path-storage zfs-localpv lvm-localpv
    democratic-csi csi-driver-nfs csi-driver-smb nfs-subdir-external-provisioner nfs-provisioner
    nfs-ganesha-server-and-external-provisioner synology-csi snapshot-controller snapshot-validation-webhook
    external-snapshotter piraeus piraeus-operator linstor volsync volume-snapshot-mover velero k10 k8up stash
    kopia kopiur restic garage minio operator-minio seaweedfs juicefs csi-s3 topolvm fstrim vpa-storage
    csi-provisioner csi-attacher csi-resizer csi-snapshotter csi-node-driver-registrar livenessprobe
    tns-csi-driver truenas-csi smb-csi nfs-server
    """
)
SECURITY = _names(
    """
    cert-manager cert-manager-webhook-ovh cert-manager-issuers cert-manager-csi-driver trust-manager
    cert-manager-approver-policy letsencrypt external-secrets onepassword-connect connect connect-api
    connect-sync bitwarden-sdk-server vault vault-operator vault-secrets-operator openbao
    secrets-store-csi-driver csi-secrets-store-provider-azure sealed-secrets kubernetes-replicator reflector
    emberstack kyverno kyverno-policies policy-reporter gatekeeper opa falco trivy-operator kubescape
    kubewarden-controller pod-identity-webhook azure-workload-identity workload-identity-webhook
    aad-pod-identity spire tetragon neuvector kubernetes-mixin
    """
)
OBSERVABILITY = _names(
    """
    kube-prometheus-stack kube-prometheus prometheus prometheus-operator prometheus-operator-crds alertmanager
    node-exporter prometheus-node-exporter kube-state-metrics metrics-server prometheus-adapter grafana
    grafana-operator loki loki-stack promtail alloy mimir mimir-distributed tempo pyroscope thanos
    victoria-metrics victoria-metrics-k8s-stack victoria-metrics-operator victoria-metrics-single
    victoria-metrics-agent victoria-logs victoria-logs-single victoria-logs-collector vmalert vector fluent-bit
    fluentd fluentbit opentelemetry-operator opentelemetry-collector otel-collector jaeger jaeger-operator
    goldilocks vpa vertical-pod-autoscaler botkube karma gatus uptime-kuma kromgo silence-operator
    alertmanager-discord alertmanager-silencer datadog datadog-operator dynatrace-operator newrelic nri-bundle
    kubecost opencost parca coroot beyla kepler holmesgpt prometheus-pushgateway telegraf influxdb cadvisor
    smartctl-exporter ups-exporter speedtest-exporter snmp-exporter blackbox-exporter headlamp
    kubernetes-dashboard weave-gitops capacitor
    """
)
OPERATIONS = _names(
    """
    reloader descheduler node-feature-discovery node-problem-detector intel-device-plugins-operator
    intel-device-plugins-gpu gpu-operator nvidia-device-plugin k8s-device-plugin amd-gpu generic-device-plugin
    smarter-device-manager intel-gpu-plugin keda kedify karpenter cluster-autoscaler
    cluster-proportional-autoscaler system-upgrade-controller tuppr kured talos installer metal-installer
    kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy etcd kubernetes k3s rke2 k0s
    k8s-sidecar pause wait-for kubernetes-kubectl actions-runner actions-runner-controller gha-runner-scale-set
    gha-runner-scale-set-controller arc tofu-controller tf-controller crossplane cluster-api capi argo-cd argocd
    argo-rollouts flagger kubefledged spegel-mirror zot harbor docker-registry registry
    kubernetes-event-exporter pod-gateway kubevirt cdi virt-operator cdi-operator kubeadm
    node-maintenance-operator kubernetes-mcp kubefwd wave stakater xpert kube-cleanup-operator ttl-controller
    talos-backup talos-ccm talos-cloud-controller-manager cloud-controller-manager
    """
)
DATABASES = _names(
    """
    cloudnative-pg cloudnative-pg-operator plugin-barman-cloud cnpg-barman-cloud-crds pgo
    crunchy-postgres-operator postgres-operator zalando-postgres-operator percona-operator pg-operator
    mariadb-operator mysql-operator redis-operator dragonfly-operator dragonfly strimzi-kafka-operator
    kafka-operator rabbitmq-cluster-operator cluster-operator mongodb-kubernetes-operator community-operator
    elastic-operator eck-operator clickhouse-operator altinity-clickhouse-operator crunchy emqx-operator
    postgres-cluster k8ssandra-operator ext-postgres-operator
    """
)
INFRASTRUCTURE = NETWORK | STORAGE | SECURITY | OBSERVABILITY | OPERATIONS | DATABASES

APPLICATIONS = _names(
    """
    home-assistant plex jellyfin emby sonarr radarr lidarr readarr prowlarr bazarr sabnzbd qbittorrent
    transmission overseerr jellyseerr seerr tautulli immich immich-server immich-machine-learning nextcloud
    paperless paperless-ngx vaultwarden zigbee2mqtt zwave-js-ui zwavejs2mqtt node-red esphome frigate mosquitto
    emqx unifi unifi-controller unifi-network-application homepage homer hajimari dashy homarr miniflux freshrss
    mealie tandoor actual actual-server ollama open-webui http-https-echo echo-server whoami ntfy n8n wallabag
    linkding stirling-pdf s-pdf wizarr calibre-web kavita komga audiobookshelf navidrome minecraft
    minecraft-server itzg it-tools excalidraw changedetection.io searxng atuin thelounge teslamate gitea forgejo
    netbox rsshub jenkins autobrr cross-seed recyclarr
    """
)
"""Things that people use. They outweigh the namespace they run in: a home page in `networking` is still one."""
