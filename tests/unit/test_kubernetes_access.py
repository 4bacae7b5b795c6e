"""How the API server is reached: a pod's files, a kubeconfig, and what is refused with a sentence."""

import base64
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from app.bootstrap import access_to_kubernetes
from app.config import Settings
from app.kubernetes.access import Access, AccessError, access_from_kubeconfig, access_from_pod
from app.kubernetes.client import Absent, Unread, open_api
from app.kubernetes.objects import tag_of

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def certificate() -> str:
    """Any authority that this Python trusts will do: only its form is read."""
    (path,) = (Path(ssl.get_default_verify_paths().cafile or ""),)
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
        return begin + text.partition(begin)[2].partition(end)[0] + end + "\n"
    pytest.skip("this Python has no file of authorities")


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("first\n", encoding="utf-8")
    (tmp_path / "ca.crt").write_text(certificate(), encoding="utf-8")
    return tmp_path


def test_the_token_of_a_pod_is_read_again_as_it_rotates(pod: Path) -> None:
    access = access_from_pod(POD, pod)
    assert (access.server, access.token()) == ("https://10.0.0.1:443", "first")
    (pod / "token").write_text("second", encoding="utf-8")
    assert access.token() == "second"
    assert "second" not in repr(access)


def test_an_address_of_ipv6_stands_in_brackets(pod: Path) -> None:
    assert access_from_pod({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}, pod).server == "https://[fd00::1]:443"


def test_outside_of_a_pod_one_is_told_what_to_do(tmp_path: Path) -> None:
    for environ in ({}, POD):
        with pytest.raises(AccessError, match="FLUXMIG_KUBECONFIG"):
            access_from_pod(environ, tmp_path)


def kubeconfig(tmp_path: Path, *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> Path:
    path = tmp_path / "kubeconfig"
    authority = base64.b64encode(certificate().encode()).decode()
    config = {
        "current-context": "home",
        "contexts": [{"name": "home", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [
            {
                "name": "c",
                "cluster": {
                    "server": "https://k.test:6443/",
                    "certificate-authority-data": authority,
                    **(cluster or {}),
                },
            }
        ],
        "users": [{"name": "u", "user": {"token": "t"} if user is None else user}],
    }
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def test_a_kubeconfig_with_a_token(tmp_path: Path) -> None:
    access = access_from_kubeconfig(kubeconfig(tmp_path))
    assert (access.server, access.token()) == ("https://k.test:6443", "t")
    assert access.context.verify_mode is ssl.CERT_REQUIRED


def test_a_token_file_lies_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    assert access_from_kubeconfig(kubeconfig(tmp_path, user={"tokenFile": "token"})).token() == "from-file"


@pytest.mark.parametrize(
    ("cluster", "user", "why"),
    [
        ({}, {"exec": {"command": "aws"}}, "`exec`, which runs a program to get a token"),
        ({}, {"auth-provider": {"name": "gcp"}}, "`auth-provider`"),
        ({}, {"username": "me", "password": "secret"}, "`username`, which is basic authentication"),
        ({}, {"token": "t", "as": "admin"}, "`as`, which is impersonation"),
        ({"insecure-skip-tls-verify": True}, None, "`insecure-skip-tls-verify`, which would send the token to whoever"),
        ({"proxy-url": "http://p"}, None, "`proxy-url`"),
        ({"tls-server-name": "x"}, None, "`tls-server-name`"),
        ({"server": "http://k.test"}, None, "must begin with https://"),
        ({"certificate-authority-data": "***"}, None, "`certificate-authority` of"),
        ({"certificate-authority-data": base64.b64encode(b"no").decode()}, None, "no certificate in PEM form"),
        ({}, {"client-certificate-data": base64.b64encode(b"no").decode()}, "a client certificate or its key"),
        (
            {},
            {
                "client-certificate-data": base64.b64encode(b"a").decode(),
                "client-key-data": base64.b64encode(b"b").decode(),
            },
            "do not fit",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any] | None, why: str) -> None:
    with pytest.raises(AccessError) as raised:
        access_from_kubeconfig(kubeconfig(tmp_path, cluster=cluster, user=user))
    assert why in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("text", "why"), [("{", "is no YAML"), ("[]", "has no context"), ("a: b", "has no context")])
def test_a_file_that_is_no_kubeconfig(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AccessError, match=why):
        access_from_kubeconfig(path)
    with pytest.raises(AccessError, match="cannot be read"):
        access_from_kubeconfig(tmp_path / "nowhere")


def test_nothing_is_read_unless_it_is_asked_for(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "github_app_id": 1, "github_private_key": SecretStr("k"), "github_webhook_secret": SecretStr("s"),
        "secret_key": SecretStr("x" * 32), "admin_token": SecretStr("y" * 32),
    }  # fmt: skip
    assert access_to_kubernetes(Settings.model_validate(values)) is None
    values |= {"kubernetes_cluster": "main", "kubeconfig": kubeconfig(tmp_path)}
    access = access_to_kubernetes(Settings.model_validate(values))
    assert access is not None
    assert access.server == "https://k.test:6443"


# --- the client ---------------------------------------------------------------------------------------


async def answer(handler: Any) -> str:
    """What reading a list comes to, in words."""
    access = Access("https://k.test", ssl.create_default_context(), lambda: "t")
    async with open_api("main", access, httpx.MockTransport(handler)) as api:
        try:
            return f"{len(await api.read_all('/apis/x/v1/things', dict))} items"
        except Absent as fault:
            return f"absent: {fault}"
        except Unread as fault:
            return str(fault)


def _raises(error: type[httpx.TransportError]) -> Any:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("secret details", request=request)

    return handler


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (lambda _: httpx.Response(200, json={"items": [{}, {}]}), "2 items"),
        (lambda _: httpx.Response(200, text="<html>"), "is not what this path should give"),
        (lambda _: httpx.Response(200, json={"items": "none"}), "is not what this path should give"),
        (lambda _: httpx.Response(302, headers={"location": "https://evil.test"}), "answered 302"),
        (lambda _: httpx.Response(404), "absent: "),
        (lambda _: httpx.Response(410), "changed faster than it could be read"),
        (lambda _: httpx.Response(503), "answered 503"),
        (_raises(httpx.ConnectTimeout), "no answer in time"),
        (_raises(httpx.ReadTimeout), "no answer in time"),
        (_raises(httpx.ConnectError), "ConnectError"),
        # A server that always has one more page is not followed for ever.
        (lambda _: httpx.Response(200, json={"items": [], "metadata": {"continue": "x"}}), "more than 100000 objects"),
    ],
)
async def test_every_fault_has_its_words(handler: Any, words: str) -> None:
    said = await answer(handler)
    assert words in said
    assert "secret" not in said


async def test_a_token_file_that_is_gone(tmp_path: Path) -> None:
    access = Access("https://k.test", ssl.create_default_context(), lambda: (tmp_path / "token").read_text("utf-8"))
    async with open_api("main", access, httpx.MockTransport(lambda _: httpx.Response(200))) as api:
        with pytest.raises(Unread, match="the token file cannot be read"):
            await api.get("/version")


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("ghcr.io/fluxcd/source-controller:v1.6.0", "v1.6.0"),
        ("registry.test:5000/fluxcd/source-controller:v1.6.0@sha256:abc", "v1.6.0"),
        ("registry.test:5000/fluxcd/source-controller@sha256:abc", ""),
        ("source-controller", ""),
    ],
)
def test_the_tag_of_an_image(image: str, tag: str) -> None:
    assert tag_of(image) == tag
