"""Versions of the wild: what is one, how they are ordered, what Renovate would call the step between two."""

import pytest

from app.domain.model import UpdateType
from app.domain.versions import Range, Version, is_digest, is_exact, semver_update_type


@pytest.mark.parametrize(
    ("text", "release", "prerelease", "build"),
    [
        ("1.2.3", (1, 2, 3), "", ""),
        ("v1.2.3", (1, 2, 3), "", ""),
        ('"2.5.1"', (2, 5, 1), "", ""),
        ("1.33", (1, 33), "", ""),
        ("36", (36,), "", ""),
        ("4.0.11.2784", (4, 0, 11, 2784), "", ""),
        ("1.28.5+k0s.0", (1, 28, 5), "", "k0s.0"),
        ("v1.30.1-rc1+k3s1", (1, 30, 1), "rc1", "k3s1"),
        ("RELEASE.2024-11-07T00-52-20Z", (2024, 11, 7, 0, 52, 20), "", ""),
        ("release.2022-11-11t03-44-20z", (2022, 11, 11, 3, 44, 20), "", ""),
        ("2024-11-07", (2024, 11, 7), "", ""),
        ("20250130", (20250130,), "", ""),
        ("16.2-5", (16, 2), "5", ""),
        ("2.550-1050", (2, 550), "1050", ""),
        ("3.13-alpine3.21", (3, 13), "alpine3.21", ""),
        ("2.0.0-rc.3", (2, 0, 0), "rc.3", ""),
        ("3.13rc1", (3, 13), "rc1", ""),
        ("v1beta2", (1,), "beta2", ""),
        ("helm-chart-4.12.1", (4, 12, 1), "", ""),
        ("kubectl-1.33.1", (1, 33, 1), "", ""),
        ("1.27.1@sha256:9f6e4a1b", (1, 27, 1), "", ""),
        ("version-v4.0.1", (4, 0, 1), "", ""),
    ],
)
def test_a_version_is_read_in_parts(text: str, release: tuple[int, ...], prerelease: str, build: str) -> None:
    version = Version.parse(text)
    assert version is not None
    assert (version.release, version.prerelease, version.build) == (release, prerelease, build)


@pytest.mark.parametrize(
    "text",
    ["", "latest", "main", "7cebfd4", "4f2221a", "sha-1234567", "sha256:9f6e4a1b0c", "922742a2", "2.x", ">=1.2", "1 2"],
)
def test_what_is_no_version(text: str) -> None:
    assert Version.parse(text) is None


def test_the_named_parts_default_to_zero() -> None:
    version = Version.parse("v2")
    assert version is not None
    assert (version.major, version.minor, version.patch, version.text) == (2, 0, 0, "v2")


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("2.5.1", "2.6.0"),
        ("v2.9.0", "2.10.0"),
        ("1.2", "1.2.1"),
        ("4.0.11.2784", "4.0.11.2793"),
        ("2.0.0-rc.3", "2.0.0-rc.4"),
        ("2.0.0-rc.9", "2.0.0-rc.10"),
        ("2.0.0-rc10", "2.0.0"),
        ("1.0.0-alpha.1", "1.0.0-beta"),
        ("v1.30.1+k3s1", "v1.30.1+k3s2"),
        ("1.28.5+k0s.9", "1.28.5+k0s.10"),
        ("2.550-1050", "2.550-1051"),
        ("RELEASE.2024-11-07T00-52-20Z", "RELEASE.2024-12-13T22-19-12Z"),
        ("20250130", "20250603"),
        ("v1alpha1", "v1beta1"),
        ("v1beta2", "v1"),
    ],
)
def test_order(lower: str, higher: str) -> None:
    first, second = Version.parse(lower), Version.parse(higher)
    assert first is not None
    assert second is not None
    assert first < second
    assert not second < first
    assert first != second


def test_spelling_does_not_matter_for_equality() -> None:
    assert Version.parse("v1.2") == Version.parse("1.2.0")
    assert hash(Version.parse("v1.2")) == hash(Version.parse("1.2.0"))
    assert Version.parse("1.2.0") != Version.parse("1.2.1")


@pytest.mark.parametrize(
    ("text", "exact"),
    [("2.5.1", True), ("v0.20.0", True), ("=1.2.3", True), ("2.5", False), ("2.x", False), ("", False), ("*", False)],
)
def test_exact(text: str, *, exact: bool) -> None:
    assert is_exact(text) is exact


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("a3ee4f0", True),
        ("sha256:" + "0" * 64, True),
        ("1" * 40, True),
        ("20250130", False),
        ("1.2.3", False),
        ("deadline", False),
    ],
)
def test_digests_are_told_from_numbers(text: str, *, digest: bool) -> None:
    assert is_digest(text) is digest


@pytest.mark.parametrize(
    ("from_", "to", "expected"),
    [
        ("2.5.1", "2.6.1", UpdateType.MINOR),
        ("0.9.5", "0.10.0", UpdateType.MINOR),
        ("36", "37", UpdateType.MAJOR),
        ("1.5.3", "v1.5.4", UpdateType.PATCH),
        ("4.0.11.2784", "4.0.11.2793", UpdateType.PATCH),
        ("2.550-1050", "2.550-1051", UpdateType.PATCH),
        ("20250130", "20250603", UpdateType.MAJOR),
        ("2.1.1", "922742a2-ls4", UpdateType.MAJOR),
        ("2.5.x", "2.6.x", UpdateType.MINOR),
        ("~> 5.60", "~> 5.61", UpdateType.MINOR),
        ("2024.12", "2025.1", UpdateType.MAJOR),
        ("2025.4.2", "2025.5.0", UpdateType.MINOR),
        ("RELEASE.2024-11-07T00-52-20Z", "RELEASE.2024-12-13T22-19-12Z", UpdateType.MINOR),
        ("1.28.5+k0s.0", "1.28.5+k0s.1", UpdateType.PATCH),
        ("source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1", UpdateType.PATCH),
        ("helm.toolkit.fluxcd.io/v2beta2", "helm.toolkit.fluxcd.io/v2", UpdateType.PATCH),
        ("example.io/v1", "example.io/v2", UpdateType.MAJOR),
        ("<1.16.3", "<1.16.4", UpdateType.PATCH),
        ("7cebfd4", "a3ee4f0", UpdateType.DIGEST),
        ("1.7.1", "4f2221a", UpdateType.DIGEST),
        ("1.2@sha256:aa", "1.2@sha256:bb", UpdateType.DIGEST),
        ("1.2", "1.2@sha256:bb", UpdateType.PIN),
        ("", "c5b1261", UpdateType.PIN),
        (None, "9602409", UpdateType.PIN),
        ("7cebfd4", "", None),
        ("latest", "stable", None),
        ("7cebfd4", "1.2.3", None),
    ],
)
def test_the_name_of_a_step(from_: str | None, to: str, expected: UpdateType | None) -> None:
    assert semver_update_type(from_, to) is expected


# Rows follow the documentation of https://github.com/Masterminds/semver and the behaviour of its release 3.4.
@pytest.mark.parametrize(
    ("range_", "version", "allowed"),
    [
        ("2.x", "2.7.5", True),
        ("2.x", "3.0.0", False),
        ("2.x", "2.7.0-rc.1", False),
        ("2", "2.9.1", True),
        ("2.6", "2.6.4", True),
        ("2.6.*", "2.7.0", False),
        ("*", "0.0.1", True),
        ("", "4.5.6", True),
        ("*-0", "1.2.3-alpha.1", True),
        ("=2.5.1", "2.5.1", True),
        ("v2.5.1", "2.5.1", True),
        ("2.5.1", "2.5.2", False),
        (">=0.20.0, <0.30.0", "0.22.0", True),
        (">=0.20.0, <0.30.0", "0.30.0", False),
        (">=0.20.0 <0.30.0", "0.19.0", False),
        (">= 1.1, < 2, != 1.2.3 || > 3", "1.2.3", False),
        (">= 1.1, < 2, != 1.2.3 || > 3", "4.1.2", True),
        (">= 1.1, < 2, != 1.2.3 || > 3", "3.1.2", False),
        (">1.1", "1.1.5", False),
        (">1.1", "1.2.0", True),
        (">11", "11.1.0", False),
        ("<11", "11.1.0", False),
        ("<=11", "11.2.3", True),
        ("<=1.1", "1.2.0", False),
        ("=>1.2", "1.2.0", True),
        ("=<1.2", "1.2.9", True),
        ("!=4.1", "4.1.9", False),
        ("!=4.1", "5.1.0", True),
        ("!=4.1-alpha", "4.1.0", True),
        ("!=4.1-alpha", "4.1.0-alpha", False),
        ("!=4.x", "4.9.0", False),
        ("~1.2.3", "1.2.9", True),
        ("~1.2.3", "1.3.0", False),
        ("~>1.2", "1.2.9", True),
        ("~1", "1.9.0", True),
        ("~0.0.0", "1.2.3", True),
        ("~1.2.3-beta.2", "1.2.4-beta.2", True),
        ("^1.2.3", "1.9.0", True),
        ("^1.2.3", "2.0.0", False),
        ("^0.2.3", "0.2.9", True),
        ("^0.2.3", "0.3.0", False),
        ("^0.0.3", "0.0.4", False),
        ("^0.0", "0.0.9", True),
        ("^0", "0.9.0", True),
        ("^0", "1.0.0", False),
        ("1.2 - 1.4", "1.4.9", True),
        ("1.2 - 1.4", "1.5.0", False),
        ("1.2 - 1.4.5", "1.1.9", False),
        ("1.1-3", "4.3.2", False),
        (">=1.0.0-0 <2.0.0", "1.5.0-rc.1", True),
        (">=1.0.0", "1.5.0-rc.1", False),
    ],
)
def test_ranges(range_: str, version: str, *, allowed: bool) -> None:
    parsed = Version.parse(version)
    assert parsed is not None
    assert Range.parse(range_).allows(parsed) is allowed


@pytest.mark.parametrize("text", ["foo", ">= bar", "12.3.4.1234", "12.3.34~ 1.2.3", ">=1.0,", "1.2 && 1.3", "~~1"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="not a version range"):
        Range.parse(text)


def test_a_range_keeps_its_spelling() -> None:
    assert str(Range.parse(" 2.x ")) == " 2.x "
