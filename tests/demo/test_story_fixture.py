"""The fixture is the morning of 2025-06-11 as it was, by the public history of https://github.com/wcygan/homelab."""

import json

import yaml

from app.demo.github import GitHub
from app.demo.renovate import Renovate
from app.demo.story import base_files, load_story
from tests.support.corpus import corpus_file, needs_corpus

NUMBERS = [15, 17, 20, 22, 23, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36, 37, 38]


def test_eighteen_pull_requests_are_open_and_only_the_installation_is_announced() -> None:
    github = GitHub()
    homelab = load_story(github)
    assert homelab.full_name == "wcygan/homelab"
    assert sorted(pull.number for pull in homelab.open_pull_requests) == NUMBERS
    assert all(pull.mergeable and pull.user == github.renovate for pull in homelab.open_pull_requests)
    assert [delivery.name for delivery in github.webhooks.pending] == ["installation.created"]


def test_the_base_is_that_of_the_morning() -> None:
    files = base_files()
    values = files["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"].splitlines()
    assert values[4] == "    version: 2.5.1"
    assert '"aqua:fluxcd/flux2" = "2.5.1"' in files[".mise.toml"]
    assert files["bootstrap/helmfile.yaml"].count("version: 0.20.0") == 2
    assert "v0.82.2/stripped-down-crds.yaml" in files["scripts/bootstrap-apps.sh"]


def test_every_manifest_is_yaml_with_what_kubernetes_asks_for() -> None:
    for path, text in base_files().items():
        if path.startswith("kubernetes/") and "/helm/" not in path:
            for document in yaml.safe_load_all(text):
                assert {"apiVersion", "kind"} <= set(document), path


def test_every_pull_request_merges_in_its_historical_order_and_the_rest_after() -> None:
    homelab = load_story(GitHub())
    for number in (29, 28, 31, 33, 26, 25, 23, 20, 34, 30, 27, 22, 17, 36, 35, 38, 37, 15):
        homelab.pull_request(number).merge()
    tree = homelab.tree()
    assert "tag: 0.22.0" in tree["kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml"]
    assert "source.toolkit.fluxcd.io/v1\n" in tree["kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml"]
    assert '"aqua:helm/helm" = "3.18.2"' in tree[".mise.toml"]


def test_renovate_rebases_every_one_of_them_on_a_moved_base() -> None:
    github = GitHub()
    renovate = Renovate(github)
    homelab = load_story(github, renovate)
    homelab.pull_request(34).merge()
    homelab.pull_request(22).merge()
    renovate.rebase_when = "behind-base-branch"
    assert len(renovate.run(homelab)) == 16
    assert all(pull.behind_by == 0 and pull.mergeable for pull in homelab.open_pull_requests)


@needs_corpus
def test_the_changed_lines_are_those_of_the_real_pull_requests() -> None:
    homelab = load_story(GitHub())
    lines = corpus_file("labelled.jsonl").read_text(encoding="utf-8").splitlines()
    seen = 0
    for real in map(json.loads, lines):
        pull = homelab.pull_requests.get(real["number"] or 0) if real["repo"] == "wcygan/homelab" else None
        if pull is None:
            continue
        seen += 1
        ours = [line for diff in pull.files() for line in changed_lines(diff.patch or "")]
        assert sorted(ours) == sorted(changed_lines(real["patch"])), pull.title
        assert [diff.path for diff in pull.files()] == sorted(real["files"])
    assert seen > 10


def changed_lines(patch: str) -> list[str]:
    return [line for line in patch.split("\n") if line[:1] in ("+", "-") and not line.startswith(("+++", "---"))]
