"""What holds of every migration, whatever the files look like."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.domain.finding import Rule
from app.domain.migration import Migration
from tests.support.migrations import after, checked, migrated

_KINDS = {
    "OCIRepository": ("source.toolkit.fluxcd.io", ("v1beta2", "v1")),
    "HelmRelease": ("helm.toolkit.fluxcd.io", ("v2beta1", "v2beta2", "v2")),
    "Kustomization": ("kustomize.toolkit.fluxcd.io", ("v1beta2", "v1")),
    "Alert": ("notification.toolkit.fluxcd.io", ("v1beta1", "v1beta2", "v1beta3")),
    "ImagePolicy": ("image.toolkit.fluxcd.io", ("v1beta1", "v1beta2", "v1")),
    "Foo": ("example.com", ("v1beta1", "v1")),
    "ConfigMap": ("", ("v1",)),
}
_FLUX = st.sampled_from(["2.0.1", "2.2.3", "2.3.0", "2.5.1", "2.6.4", "2.7.5", "2.8.8", "2.9.4", "2.x", None])
_NEWLINES = st.sampled_from(["\n", "\r\n"])


@st.composite
def _apis(draw: st.DrawFn) -> tuple[str, str, str]:
    kind = draw(st.sampled_from(sorted(_KINDS)))
    group, versions = _KINDS[kind]
    version = draw(st.sampled_from(versions))
    return kind, group, f"{group}/{version}" if group else version


@st.composite
def _comments(draw: st.DrawFn) -> str:
    kind, group, api = draw(_apis())
    version = api.rpartition("/")[2]
    name = draw(
        st.sampled_from(
            [
                f"https://x.dev/{group or 'core'}/{kind.lower()}_{version}.json",
                f"https://x.dev/{kind.lower()}-{group.partition('.')[0]}-{version}.json",
                f"https://x.dev/{kind.lower()}-{group.partition('.')[0]}-{version}.schema.json?x",
                "https://json.schemastore.org/kustomization.json",
            ]
        )
    )
    return f"# yaml-language-server: $schema={name}\n"


@st.composite
def _json(draw: st.DrawFn) -> str:
    apis = draw(st.lists(_apis(), min_size=1, max_size=2))
    items = [f'{{"apiVersion": "{api}", "kind": "{kind}"}}' for kind, _, api in apis]
    space = draw(st.sampled_from([" ", "\n  "]))
    whole = '{"apiVersion": "v1", "kind": "List", "items": [' + f",{space}".join(items) + "]}"
    return draw(st.sampled_from([items[0], whole])) + "\n"


@st.composite
def _documents(draw: st.DrawFn) -> str:
    kind, _, api = draw(_apis())
    quote = draw(st.sampled_from(["", '"', "'"]))
    head = [f"apiVersion: {quote}{api}{quote}{draw(st.sampled_from(['', ' ', ' # v1beta2']))}\n", f"kind: {kind}\n"]
    if draw(st.booleans()):
        head.reverse()
    comment = draw(st.one_of(st.just(""), _comments()))
    inner_kind, _, inner_api = draw(_apis())
    body = draw(
        st.sampled_from(
            [
                "",
                "metadata:\n  name: x\nspec:\n  chart:\n    spec:\n      valuesFile: v1beta2\n",
                f"spec:\n  healthChecks:\n    - kind: {inner_kind}\n      apiVersion: {inner_api}\n",
                f"spec:\n  values:\n    a:\n      apiVersion: {inner_api}\n      kind: {inner_kind}\n",
                (
                    f"spec:\n  patches:\n    - patch: |\n        apiVersion: {inner_api}\n        kind: {inner_kind}\n"
                    "        metadata:\n          name: x\n"
                ),
                (
                    f"spec:\n  patches:\n    - patch: |\n        apiVersion: {inner_api}\n        kind: {inner_kind}\n"
                    f"      target:\n        kind: {inner_kind}\n"
                ),
                f"items:\n- apiVersion: {inner_api}\n  kind: {inner_kind}\n  metadata:\n    name: x\n",
                "sops:\n  mac: x\n",
                "{{ toYaml . }}\n# v1beta2 ä\n",
            ]
        )
    )
    return comment + "".join(head) + body


_JUNK = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20) | st.sampled_from(
    ["apiVersion:", "kind: HelmRelease", "- apiVersion: helm.toolkit.fluxcd.io/v2beta2", "  x: |", "---"]
)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    documents = draw(st.lists(_documents() | _json() | _JUNK.map(lambda junk: f"{junk}\n"), min_size=1, max_size=4))
    text = draw(st.sampled_from(["", "---\n", "\ufeff"])) + "---\n".join(documents)
    return text.replace("\n", draw(_NEWLINES)).removesuffix(draw(st.sampled_from(["", "\n"])))


_FILES = st.lists(_texts(), min_size=1, max_size=3).map(
    lambda texts: {f"apps/a/{number}.yaml": text for number, text in enumerate(texts)}
)
_TOKEN = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?")


def changed_lines(before: str, migration: Migration, path: str) -> dict[int, tuple[str, str]]:
    old, new = before.split("\n"), migration.texts[path].split("\n")
    assert len(old) == len(new)
    return {at: (one, other) for at, (one, other) in enumerate(zip(old, new, strict=True), 1) if one != other}


@given(_FILES, _FLUX, st.booleans())
def test_every_other_byte_stays(files: dict[str, str], flux: str | None, stale: bool) -> None:
    """A line that changes is one that is reported, and differs by one version in one place."""
    migration = migrated(files, flux, stale_comments=stale)
    reported = {(moved.file, moved.line): moved for moved in migration.moved}
    assert len(reported) == len(migration.moved)
    seen = set()
    for path in migration.texts:
        for number, (old, new) in changed_lines(files[path], migration, path).items():
            moved = reported[path, number]
            seen.add((path, number))
            spots = [one for one in _TOKEN.finditer(old) if one.group() == moved.old.version]
            assert new in {old[: one.start()] + moved.new.version + old[one.end() :] for one in spots}
    assert seen == set(reported)


@given(_FILES, _FLUX, st.booleans())
def test_a_second_run_changes_nothing(files: dict[str, str], flux: str | None, stale: bool) -> None:
    once = after(files, migrated(files, flux, stale_comments=stale))
    twice = migrated(once, flux, stale_comments=stale)
    assert (twice.texts, twice.moved) == ({}, ())


@given(_FILES, _FLUX)
def test_nothing_is_left_for_check_that_migrate_could_do(files: dict[str, str], flux: str | None) -> None:
    once = after(files, migrated(files, flux))
    told = [finding.message for finding in checked(once, flux).findings]
    assert [message for message in told if "`fluxmig migrate` rewrites it to" in message] == []


@given(_FILES, _FLUX)
def test_what_is_moved_is_served(files: dict[str, str], flux: str | None) -> None:
    """No migration makes an error that was not there."""
    before = {(f.file, f.line) for f in checked(files, flux).findings if f.rule is Rule.UNSERVED_API}
    once = after(files, migrated(files, flux))
    assert {(f.file, f.line) for f in checked(once, flux).findings if f.rule is Rule.UNSERVED_API} <= before


@given(_FILES, st.sampled_from(["2.2", "2.6", "2.9"]))
def test_nothing_goes_back(files: dict[str, str], target: str) -> None:
    order = ("v1beta1", "v1beta2", "v1beta3", "v1", "v2beta1", "v2beta2", "v2")
    for moved in migrated(files, to=(target,)).moved:
        assert order.index(moved.old.version) < order.index(moved.new.version)
