"""Lines of package managers' files."""

import pytest

from app.domain.package_lines import find_reader
from app.domain.references import Reference, ReferenceKind


@pytest.mark.parametrize(
    ("path", "line", "name", "version"),
    [
        (".tool-versions", "kubectl 1.31.0", "kubectl", "1.31.0"),
        (".tool-versions", "helm-docs v1.14.2 # newest", "helm-docs", "v1.14.2"),
        ("mise.toml", 'node = "22.9.0"', "node", "22.9.0"),
        (".mise/config.toml", '"aqua:a/b" = "1.0"', "aqua:a/b", "1.0"),
        ("mise.toml", '"ubi:a/b" = { version = "1.1.0", exe = "b" }', "ubi:a/b", "1.1.0"),
        ("Cargo.toml", 'tokio = { version = "1.40", features = ["full"] }', "tokio", "1.40"),
        ("requirements.txt", "ansible==10.4.0", "ansible", "10.4.0"),
        ("requirements-dev.txt", "widget[http] >=1.2,<2", "widget", ">=1.2,<2"),
        ("pyproject.toml", '  "httpx==0.27.2",', "httpx", "0.27.2"),
        ("pyproject.toml", 'ruff = "^0.6.0"', "ruff", "^0.6.0"),
        ("go.mod", "\texample.org/a/b/v2 v2.1.0 // indirect", "example.org/a/b/v2", "v2.1.0"),
        ("go.mod", "go 1.23.1", "go", "1.23.1"),
        ("Gemfile", "gem 'rails', '~> 7.2.1'", "rails", "~>7.2.1"),
        ("Brewfile", 'brew "acme/tap/flux@2.6"', "acme/tap/flux", "2.6"),
        ("app/app.csproj", '<PackageReference Include="A.B" Version="1.2.3" />', "A.B", "1.2.3"),
        ("build.gradle.kts", 'implementation("org.a:b:1.2.3")', "org.a:b", "1.2.3"),
        ("aqua/aqua.yaml", "  - name: cli/cli@v2.60.0", "cli/cli", "v2.60.0"),
        (".devcontainer/devcontainer.json", '"ghcr.io/a/features/go:1": {},', "ghcr.io/a/features/go", "1"),
        (".nvmrc", "v22.9.0", "node", "v22.9.0"),
        ("app/.python-version", "3.13", "python", "3.13"),
    ],
)
def test_a_line(path: str, line: str, name: str, version: str) -> None:
    read = find_reader(path)
    assert read is not None
    found = read(line)
    assert found is not None
    assert (found.kind, found.name, found.version) == (ReferenceKind.PACKAGE, name, version)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (".tool-versions", "# kubectl 1.31.0"),
        ("mise.toml", 'min_version = "2024.1.0"'),
        ("mise.toml", 'version = "1.0.0"'),
        ("Cargo.toml", 'edition = "2021"'),
        ("pyproject.toml", 'requires-python = ">=3.11"'),
        ("requirements.txt", "-r base.txt"),
        ("go.mod", "module example.org/a/b"),
        (".nvmrc", "lts/iron"),
        ("clusters/a/gotk-components.yaml", "# Components: source-controller"),
        ("LICENSE", "Version 2.0, January 2004"),
    ],
)
def test_no_package(path: str, line: str) -> None:
    read = find_reader(path)
    assert read is None or read(line) is None


def test_the_header_of_flux() -> None:
    read = find_reader("clusters/a/flux-system/gotk-components.yaml")
    assert read is not None
    assert read("# Flux Version: v2.6.1") == Reference(ReferenceKind.REPOSITORY, "version", "fluxcd/flux2", "v2.6.1")


def test_manifests_have_no_language_of_their_own() -> None:
    assert find_reader("kubernetes/apps/media/plex/app/helmrelease.yaml") is None
