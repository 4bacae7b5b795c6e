"""How to reach an API server: as a pod does, or as a kubeconfig says.

A token file is read for each request, because the kubelet writes a new token into it long before the old one ends
(https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection).
What a kubeconfig can say and this client does not do soundly is refused with a sentence, not ignored.
"""

import base64
import binascii
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

POD_FILES = Path("/var/run/secrets/kubernetes.io/serviceaccount")

_REFUSED_CLUSTER = {
    "insecure-skip-tls-verify": "would send the token to whoever answers; name the authority's certificate instead",
    "proxy-url": "is not supported",
    "tls-server-name": "is not supported; use a server name that the certificate has",
}
_REFUSED_USER = {
    "exec": "runs a program to get a token, which a service should not; make a service account and use its token",
    "auth-provider": "was removed from Kubernetes; make a service account and use its token",
    "username": "is basic authentication, which Kubernetes no longer knows; use a token",
    "as": "is impersonation; make a service account for fluxmig instead",
}


class AccessError(Exception):
    """There is no way to the API server. The text is for the person who set it up, and holds no secret."""


@dataclass(frozen=True)
class Access:
    """`token` gives the present one, None where a client certificate speaks."""

    server: str
    context: ssl.SSLContext
    token: Callable[[], str | None] = field(repr=False)


def access_from_pod(environ: Mapping[str, str], files: Path = POD_FILES) -> Access:
    """Raises AccessError outside of a pod."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (files / "token").exists():
        raise AccessError(
            "FLUXMIG_KUBERNETES_CLUSTER is set, but this is no pod with a service account token, and "
            "FLUXMIG_KUBECONFIG names no file. Set one of the two up, or unset FLUXMIG_KUBERNETES_CLUSTER."
        )
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    return Access(server, _trusting((files / "ca.crt").read_text(encoding="utf-8")), _from_file(files / "token"))


def access_from_kubeconfig(path: Path) -> Access:
    """The current context of a kubeconfig. Raises AccessError."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no YAML"
        raise AccessError(f"FLUXMIG_KUBECONFIG: {path} cannot be read: {why}.") from None
    config = read if isinstance(read, dict) else {}
    context = _named(config, "contexts", config.get("current-context"), "context", path)
    cluster = _named(config, "clusters", context.get("cluster"), "cluster", path)
    user = _named(config, "users", context.get("user"), "user", path)
    for given, refused in ((cluster, _REFUSED_CLUSTER), (user, _REFUSED_USER)):
        for key, why in refused.items():
            if given.get(key):
                raise AccessError(f"FLUXMIG_KUBECONFIG: {path} has `{key}`, which {why}.")
    server = str(cluster.get("server") or "")
    if not server.startswith("https://"):
        raise AccessError(f"FLUXMIG_KUBECONFIG: the server of {path} must begin with https://.")
    authority = _bytes_of(cluster, "certificate-authority", path)
    tls = _trusting(authority.decode("ascii", "replace") if authority else None)
    _identify(tls, user, path)
    return Access(server.rstrip("/"), tls, _token_of(user, path))


def _named(config: Mapping[str, Any], among: str, name: object, inner: str, path: Path) -> Mapping[str, Any]:
    for entry in config.get(among) or ():
        if isinstance(entry, dict) and name and entry.get("name") == name:
            found = entry.get(inner)
            return found if isinstance(found, dict) else {}
    raise AccessError(f"FLUXMIG_KUBECONFIG: {path} has no {inner} `{name or ''}` under `{among}`.")


def _bytes_of(given: Mapping[str, Any], key: str, path: Path) -> bytes | None:
    """The value of `key-data`, or of the file that `key` names, from where the kubeconfig lies."""
    try:
        if given.get(f"{key}-data"):
            return base64.b64decode(given[f"{key}-data"], validate=True)
        if given.get(key):
            return (path.parent / str(given[key])).read_bytes()
    except (OSError, binascii.Error, TypeError, ValueError):
        raise AccessError(f"FLUXMIG_KUBECONFIG: the `{key}` of {path} cannot be read.") from None
    return None


def _trusting(authority: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=authority)
    except ssl.SSLError:
        raise AccessError("The authority's certificate of the API server is no certificate in PEM form.") from None


def _identify(tls: ssl.SSLContext, user: Mapping[str, Any], path: Path) -> None:
    certificate, key = (_bytes_of(user, name, path) for name in ("client-certificate", "client-key"))
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise AccessError(f"FLUXMIG_KUBECONFIG: {path} has a client certificate or its key, but not both.")
    # Python's ssl reads them from files only; nobody else can read this one, and it is gone at once.
    with tempfile.NamedTemporaryFile() as both:
        both.write(certificate + b"\n" + key)
        both.flush()
        try:
            tls.load_cert_chain(both.name)
        except ssl.SSLError:
            raise AccessError(f"FLUXMIG_KUBECONFIG: the client certificate and key of {path} do not fit.") from None


def _token_of(user: Mapping[str, Any], path: Path) -> Callable[[], str | None]:
    if user.get("tokenFile"):
        return _from_file(path.parent / str(user["tokenFile"]))
    token = str(user["token"]) if user.get("token") else None
    return lambda: token


def _from_file(path: Path) -> Callable[[], str | None]:
    return lambda: path.read_text(encoding="utf-8").strip()
