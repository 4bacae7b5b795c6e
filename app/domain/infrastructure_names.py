"""Names of upstreams that applications stand on, as the last path segment of image, chart and repository names.

These are facts of the ecosystem: what a chart called `cilium` is does not depend on the repository that uses it. The
topics follow the CNCF landscape (https://landscape.cncf.io). Add a name to its topic; a plain English word belongs here
only when hardly anything else is called so, or else its owner goes to `app.domain.upstream_owners`.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


NETWORK = _names(
    """
    cilium hubble hubble-ui hubble-relay tetragon calico tigera-operator flannel kube-router multus multus-cni
    kube-ovn antrea whereabouts weave-net cni-plugins aws-vpc-cni azure-cni submariner netmaker nebula egressd
    metallb kube-vip kube-vip-cloud-provider purelb openelb porter frr keepalived pod-gateway egress-gateway spegel
    kubelet-csr-approver konnectivity netshoot cloud-controller-manager hcloud-cloud-controller-manager
    aws-load-balancer-controller aws-gateway-controller gce-ingress azure-application-gateway-kubernetes-ingress
    ingress-nginx nginx-ingress nginx-ingress-controller kubernetes-ingress traefik traefik2 traefik-crds
    traefik-mesh haproxy haproxy-ingress kong kong-ingress-controller contour projectcontour envoy envoy-gateway
    emissary-ingress ambassador apisix apisix-ingress-controller apisix-dashboard gloo glooctl gloo-edge skipper
    voyager pomerium easegress tyk tyk-gateway krakend kgateway kgateway-crds gateway-helm gateway-api
    gateway-crds-helm nginx-gateway-fabric nginx-proxy nginx-proxy-manager caddy caddy-ingress-controller zoraxy
    error-pages echo-gateway tyk-operator istio istiod istio-base istio-ingress istio-cni ztunnel kiali kiali-server
    kiali-operator jaeger-query linkerd linkerd2 linkerd-control-plane linkerd-crds linkerd-viz linkerd-multicluster
    consul consul-k8s kuma open-service-mesh traefik-hub merbridge kmesh inlets-operator inlets frp frpc frps
    ngrok-operator kubernetes-ingress-controller zrok openziti ziti-controller ziti-router coredns k8s-gateway
    k8s_gateway external-dns externaldns node-local-dns nodelocaldns node-cache unbound bind9 dnsdist blocky
    adguard-home adguardhome adguardhome-sync pihole pi-hole pihole-exporter powerdns pdns technitium dns-server
    pdns-auth pdns-recursor nextdns ctrld dnscrypt-proxy smartdns dnsmasq cloudflared cloudflare-operator
    cloudflare-operator-controller cloudflare-tunnel cloudflare-tunnel-ingress-controller cloudflare-ddns
    cloudflare-tunnel-operator ddns-updater ddclient inadyn godns tailscale tailscale-operator k8s-operator netbird
    headscale headplane wireguard wg-easy wg-access-server wireguard-operator zerotier openvpn firezone
    netmaker-operator innernet avahi mdns-repeater maddy haraka postfix-relay chrony ntp higress bunkerweb safeline
    npmplus swag pangolin newt olm-client netbird-client openresty gobetween ferron tinyproxy squid privoxy
    shadowsocks v2ray xray sing-box gluetun mullvad rathole bore stunner stunner-gateway-operator ddns duckdns
    porkbun-ddns oznu-cloudflare-ddns cloudflare-tunnel-remote istio-gateway
    """
)
STORAGE = _names(
    """
    rook rook-ceph rook-ceph-cluster ceph ceph-csi-drivers ceph-csi-operator ceph-csi-rbd ceph-csi-cephfs cephcsi
    cephadm longhorn longhorn-manager longhorn-engine longhorn-instance-manager openebs mayastor mayastor-extensions
    localpv-provisioner dynamic-localpv-provisioner local-path-provisioner local-path-storage
    local-volume-provisioner zfs-localpv lvm-localpv node-disk-manager hostpath-provisioner jiva cstor
    democratic-csi csi-driver-nfs csi-driver-smb csi-driver-iscsi csi-driver-host-path csi-s3
    nfs-subdir-external-provisioner nfs-provisioner nfs-client-provisioner
    nfs-ganesha-server-and-external-provisioner nfs-server nfsplugin smbplugin synology-csi snapshot-controller
    snapshot-validation-webhook external-snapshotter csi-snapshotter csi-provisioner csi-attacher csi-resizer
    csi-node-driver-registrar livenessprobe external-provisioner external-attacher external-resizer piraeus
    piraeus-operator linstor linstor-cluster linstor-csi drbd drbd-reactor volsync volsync-src kopia kopiur velero
    velero-ui velero-plugin-for-aws velero-plugin-for-csi velero-plugin-for-gcp velero-plugin-for-microsoft-azure
    k10 kanister kanister-operator k8up kasten kubestash restic rest-server resticprofile backrest borgmatic
    volume-snapshot-mover snapscheduler gemini trilio garage garage-webui minio operator-minio minio-operator
    minio-console seaweedfs seaweedfs-operator juicefs juicefs-csi-driver topolvm pvc-autoresizer fstrim vpa-storage
    zot harbor harbor-operator docker-registry chartmuseum quay dragonfly2 kraken nydus kube-image-keeper kuik
    aws-ebs-csi-driver aws-efs-csi-driver aws-fsx-csi-driver aws-mountpoint-s3-csi-driver azuredisk-csi-driver
    azurefile-csi-driver blob-csi-driver gcp-compute-persistent-disk-csi-driver hcloud-csi do-csi-plugin vsphere-csi
    vsphere-csi-driver proxmox-csi proxmox-csi-plugin truenas-csi tns-csi-driver tns-csi smb-csi glusterfs heketi
    beegfs-csi-driver weka-csi portworx portworx-operator stork ondat simplyblock-csi lightbits rustfs versitygw
    s3proxy s3manager cosi-controller rclone csi-rclone sanoid syncoid zrepl borg borgbackup urbackup bareos
    kube-dump db-backup postgres-backup postgres-backup-s3 snapraid nfs-ganesha samba smb smb-server webdav
    iscsi-target-driver zfs-exporter kubernetes-csi-addons
    """
)
SECURITY = _names(
    """
    cert-manager cert-manager-controller cert-manager-webhook cert-manager-cainjector cert-manager-acmesolver
    cert-manager-csi-driver cert-manager-csi-driver-spiffe cert-manager-istio-csr cert-manager-approver-policy
    cert-manager-issuers trust-manager letsencrypt step-certificates step-issuer step-ca origin-ca-issuer
    google-cas-issuer aws-privateca-issuer venafi-enhanced-issuer openshift-routes kubed config-syncer
    external-secrets onepassword-connect onepassword-operator connect connect-api connect-sync bitwarden-sdk-server
    bitwarden-secrets-operator bitwarden-eso-provider doppler-kubernetes-operator infisical infisical-standalone
    secrets-operator akeyless-gateway vault vault-operator vault-secrets-operator vault-k8s vault-csi-provider
    bank-vaults openbao secrets-store-csi-driver csi-secrets-store-provider-azure
    secrets-store-csi-driver-provider-aws secrets-store-csi-driver-provider-gcp sealed-secrets
    sealed-secrets-controller sops-secrets-operator kubeseal-webgui kubernetes-replicator reflector emberstack
    mittwald-replicator kubernetes-secret-generator secretgen-controller kyverno kyverno-policies policy-reporter
    policy-reporter-ui gatekeeper opa opa-envoy kubewarden-controller kubewarden-defaults polaris datree conftest
    weave-policy-agent ratify connaisseur portieris cosigned policy-controller falco falcosidekick falcoctl
    trivy-operator trivy-server starboard-operator kubescape kubescape-operator neuvector neuvector-crd
    neuvector-monitor stackrox stackrox-central-services sysdig-deploy twistlock wazuh crowdsec crowdsec-bouncer
    traefik-crowdsec-bouncer fail2ban anubis modsecurity coraza security-profiles-operator kube-bench kube-hunter
    pod-identity-webhook azure-workload-identity workload-identity-webhook aad-pod-identity eks-pod-identity-agent
    kiam kube2iam spire spire-server spire-agent spiffe-csi-driver teleport teleport-cluster teleport-kube-agent
    boundary warpgate guacamole-operator netbird-operator rbac-manager rback permission-manager audit2rbac authentik
    authentik-remote-cluster authelia keycloak keycloakx keycloak-operator dex dex-k8s-authenticator zitadel kanidm
    lldap glauth openldap openldap-stack-ha openldap-ha phpldapadmin freeipa pocket-id tinyauth voidauth
    oauth2-proxy traefik-forward-auth thomseddon-traefik-forward-auth external-auth-server vouch-proxy gotrue
    supertokens logto casdoor rauthy kratos oathkeeper hydra keto ory-hydra ory-kratos pinniped gangway kubelogin
    registry-creds imagepullsecret-patcher imagepullsecrets cluster-secret clustersecret
    vaultwarden-kubernetes-secrets clamav suricata zeek defguard netbird-dashboard wireguard-ui authcrunch
    cert-exporter certbot lego acme-dns openappsec nuclei greenbone dependency-track defectdojo harbor-scanner-trivy
    """
)
OBSERVABILITY = _names(
    """
    kube-prometheus-stack kube-prometheus prometheus prometheus-operator prometheus-operator-crds alertmanager
    prometheus-config-reloader kubernetes-mixin prometheus-adapter prometheus-pushgateway pushgateway
    prom-label-proxy prometheus-agent prometheus-stack prometheus-msteams alertmanager-bot alertmanager-discord
    alertmanager-silencer alertmanager-to-github prom2teams karma kthxbye silence-operator sloth pyrra promlens
    mixtool amtool node-exporter prometheus-node-exporter kube-state-metrics metrics-server
    prometheus-blackbox-exporter blackbox-exporter snmp-exporter smartctl-exporter scrutiny scrutiny-collector
    ups-exporter nut-exporter nut-upsd network-ups-tools peanut nut speedtest-exporter speedtest-tracker mktxp
    unpoller unifi-poller unifi-exporter graphite-exporter statsd-exporter cadvisor dcgm-exporter
    x509-certificate-exporter version-checker popeye goldpinger kubeshark kubevious node-problem-detector grafana
    grafana-operator grafana-agent grafana-agent-operator grafana-image-renderer grafana-oncall oncall loki
    loki-stack loki-distributed loki-canary promtail alloy alloy-operator k8s-monitoring mimir mimir-distributed
    tempo tempo-distributed tempo-vulture pyroscope phlare beyla cortex thanos thanos-operator cortex-tenant
    victoria-metrics victoria-metrics-k8s-stack victoria-metrics-operator victoria-metrics-operator-crds
    victoria-metrics-single victoria-metrics-cluster victoria-metrics-agent victoria-metrics-alert
    victoria-metrics-auth victoria-metrics-anomaly victoria-logs victoria-logs-single victoria-logs-cluster
    victoria-logs-collector victoria-traces-single vmalert vmagent vmauth vmsingle vmstorage vmselect vminsert vlogs
    vector vector-agent vector-aggregator fluent-bit fluent-operator fluentd fluentbit fluentd-elasticsearch
    logging-operator logging-operator-logging filebeat metricbeat logstash elastalert elastalert2 graylog
    kube-eventer kubernetes-event-exporter event-exporter eventrouter kubewatch robusta holmesgpt k8sgpt
    k8sgpt-operator botkube opentelemetry-operator opentelemetry-collector opentelemetry-collector-contrib
    opentelemetry-kube-stack otel-collector otel-collector-contrib opentelemetry-demo jaeger jaeger-operator
    jaeger-all-in-one zipkin skywalking signoz signoz-otel-collector uptrace hyperdx clickstack openobserve
    openobserve-collector quickwit parseable logdy dozzle elastic-agent apm-server kibana cerebro datadog
    datadog-operator datadog-crds dynatrace-operator newrelic newrelic-bundle nri-bundle newrelic-infrastructure
    splunk-otel-collector splunk-connect-for-kubernetes sumologic honeycomb instana-agent appdynamics lightstep
    new-relic-agent coroot coroot-ce coroot-operator coroot-node-agent pixie groundcover odigos inspektor-gadget
    retina netdata zabbix zabbix-agent checkmk telegraf telegraf-ds telegraf-operator influxdb influxdb2 chronograf
    kapacitor questdb kubecost cost-analyzer opencost kube-green kubesphere kepler parca parca-agent gatus
    uptime-kuma uptimerobot-heartbeat statping statping-ng healthchecks cachet upptime kromgo headlamp
    kubernetes-dashboard kubeview kube-ops-view k8s-dashboard octant skooner komodor kubenav devtron netbox-operator
    perses perses-operator goalert cabot flagger-loadtester goldilocks vpa vertical-pod-autoscaler krr right-sizer
    beszel beszel-agent kite kwatch kubetail kubenurse netalertx smokeping librespeed grafana-mcp mcp-grafana
    prometheus-mcp-server alertmanager-ntfy alertmanager-telegram alertmanager-gotify ntfy-alertmanager dashdot
    glances pulse myspeed watchyourlan
    """
)
OPERATIONS = _names(
    """
    reloader wave descheduler node-feature-discovery gpu-feature-discovery intel-device-plugins-operator
    intel-device-plugins-gpu intel-gpu-plugin intel-gpu-resource-driver gpu-operator nvidia-device-plugin
    k8s-device-plugin k8s-dra-driver dra-driver nvidia-container-toolkit amd-gpu amd-gpu-operator rocm-device-plugin
    generic-device-plugin smarter-device-manager smarter-device-management coral-device-plugin akri multi-nic-cni
    keda keda-add-ons-http kedify karpenter karpenter-crd cluster-autoscaler cluster-proportional-autoscaler
    addon-resizer kube-downscaler py-kube-downscaler kube-janitor kube-cleanup-operator ttl-controller k8s-cleaner
    overprovisioner cluster-overprovisioner node-maintenance-operator node-healthcheck-operator
    self-node-remediation medik8s system-upgrade-controller tuppr kured talos installer metal-installer talos-backup
    talos-ccm talos-cloud-controller-manager omni kubelet kube-apiserver kube-controller-manager kube-scheduler
    kube-proxy kubeadm etcd kubernetes k3s k3s-upgrade rke2 rke2-upgrade k0s microk8s kops kubespray sidero metal3
    tinkerbell smee hegel cluster-api capi capi-operator cluster-api-operator byoh vcluster k3k kamaji capsule
    capsule-proxy hierarchical-namespaces multi-tenancy-operator rancher rancher-monitoring fleet-agent kubefed
    karmada open-cluster-management clusternet liqo admiralty k8s-sidecar wait-for kubernetes-kubectl pause
    actions-runner actions-runner-controller gha-runner-scale-set gha-runner-scale-set-controller arc gitlab-runner
    gitlab-agent forgejo-runner act_runner act-runner woodpecker-agent drone-runner-kube buildkitd buildkit-operator
    kaniko shipwright kpack buildpacks github-actions-runner tofu-controller tf-controller terraform-operator
    terraform-cloud-operator atlantis terrakube digger crossplane upbound universal-crossplane kro
    aws-controllers-k8s config-connector azure-service-operator pulumi-kubernetes-operator ansible-operator
    awx-operator helm-operator argo-cd argocd argocd-apps argocd-image-updater argocd-autopilot argocd-operator
    argo-rollouts argo-workflows argo-events applicationset kargo gitops-promoter flagger keptn werf devspace
    telepresence traffic-manager okteto tekton tekton-pipeline tekton-operator tekton-pipelines tekton-triggers
    knative knative-operator knative-serving knative-eventing openfaas nuclio fission openwhisk dapr dapr-operator
    wasmcloud-operator spinkube spin-operator kwasm-operator kserve kserve-crd kuberay-operator kueue jobset volcano
    yunikorn mpi-operator training-operator lws kubefledged spegel-mirror kubevirt cdi virt-operator cdi-operator
    virt-api hyperconverged-cluster-operator cluster-network-addons-operator vm-import virt-manager kata-deploy
    gvisor kubearmor kubernetes-mcp kubernetes-mcp-server flux-operator-mcp kubefwd stakater kube-rbac-proxy
    chaos-mesh litmus litmus-core chaoskube kube-monkey powerfulseal k6-operator testkube sonobuoy olm
    operator-lifecycle-manager operator-marketplace kubeapps monocular kubeclarity prune-operator pod-gc
    configmap-reload kubernetes-cronhpa-controller forecastle stakater-forecastle ingressmonitorcontroller
    konfigurator k8s-image-swapper kube-fencing kube-startup-cpu-boost hcloud-ccm hcloud-csi-driver
    provider-kubernetes provider-helm provider-terraform function-patch-and-transform function-go-templating kubeai
    gitops-server keel diun watchtower portainer portainer-agent dockge kubelet-serving-cert-approver talos-vmtoolsd
    proxmox-cloud-controller-manager talos-pilot kubernetes-upgrade etcd-defrag etcd-backup
    """
)
DATABASES = _names(
    """
    cloudnative-pg cloudnative-pg-operator plugin-barman-cloud plugin-barman-cloud-sidecar cnpg-barman-cloud-crds
    pgo crunchy crunchy-postgres-operator postgres-operator postgres-operator-ui zalando-postgres-operator spilo
    spilo-15 spilo-16 spilo-17 percona-operator pg-operator ext-postgres-operator easymile-postgresql-operator
    stackgres-operator kubegres kubeblocks kubedb mariadb-operator mariadb-operator-crds mysql-operator
    mysql-innodbcluster pxc-operator psmdb-operator vitess-operator tidb-operator cockroach-operator
    yugabyte-operator redis-operator redis-cluster-operator valkey-operator dragonfly-operator dragonfly
    strimzi-kafka-operator strimzi-drain-cleaner kafka-operator koperator redpanda-operator confluent-operator
    rabbitmq-cluster-operator cluster-operator messaging-topology-operator nats-operator nack emqx-operator
    mongodb-kubernetes mongodb-kubernetes-operator mongodb-operator community-operator ferretdb-operator
    elastic-operator eck-operator eck-stack opensearch-operator opensearch-cluster clickhouse-operator
    altinity-clickhouse-operator k8ssandra-operator cass-operator scylla-operator scylla couchbase-operator
    surrealdb-operator neo4j-operator postgres-cluster schemahero dbmate-operator db-operator spark-operator
    flink-kubernetes-operator zookeeper-operator pulsar-operator typesense-operator meilisearch-operator barman
    pgbackrest pgbouncer pgcat pgpool
    """
)
INFRASTRUCTURE = NETWORK | STORAGE | SECURITY | OBSERVABILITY | OPERATIONS | DATABASES

DATA_SERVICES = _names(
    """
    postgres postgresql postgresql-ha pgvector pgvecto-rs cloudnative-vectorchord postgis timescaledb tensorchord
    mysql mariadb mariadb-galera percona-server redis redis-cluster redis-stack valkey keydb memcached mongodb mongo
    ferretdb cassandra scylladb clickhouse clickhouse-server clickhouse-keeper cockroachdb yugabyte tidb
    elasticsearch opensearch opensearch-dashboards solr kafka redpanda pulsar rabbitmq nats activemq artemis
    zookeeper emqx vernemq hivemq neo4j couchdb couchbase arangodb dgraph surrealdb rethinkdb etcd-cluster
    bitnami-redis
    """
)
"""Data bases, caches and queues. Where the folder does not say whose they are, they serve the whole cluster."""
