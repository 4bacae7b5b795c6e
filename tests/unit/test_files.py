"""Which files are worth their bytes."""

import pytest

from app.domain.files import is_readable


@pytest.mark.parametrize(
    ("path", "readable"),
    [
        ("apps/a.yaml", True),
        ("apps/a.YML", True),
        ("apps/a.yaml.j2", True),
        ("bootstrap/helmfile.yaml.gotmpl", True),
        ("apps/a/Kustomization", True),
        ("apps/deployment.json", True),
        ("flux.tf", True),
        ("talos/talos.env", True),
        ("package-lock.json", False),
        (".github/renovate.json", False),
        ("README.md", False),
        ("scripts/a.sh", False),
        ("apps/MyKustomization", False),
    ],
)
def test_what_is_read(path: str, readable: bool) -> None:
    assert is_readable(path) is readable
