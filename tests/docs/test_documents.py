"""Links lead somewhere, the index names every page, and a test that a page leans on exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
_MODULE = re.compile(r"`((?:app|scripts|migrations|tests|docs)/[\w./-]+)`")


def names_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose_of(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def links_of(path: Path) -> Iterator[str]:
    return (link for link in _LINK.findall(prose_of(path)) if not link.startswith(("http://", "https://", "mailto:")))


def anchors_of(path: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    headings = re.findall(r"^#{1,6} (.+)$", prose_of(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_documents() -> None:
    assert len(DOCUMENTS) > 15


@pytest.mark.parametrize("path", DOCUMENTS, ids=names_of)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in links_of(path):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=names_of)
def test_files_and_tests_that_are_named_exist(path: Path) -> None:
    text = prose_of(path)
    missing = [name for name in _MODULE.findall(text) if not (ROOT / name).exists()]
    for file, test in _TEST.findall(text):
        if test and not re.search(rf"def {test}\(", (ROOT / file).read_text(encoding="utf-8")):
            missing.append(f"{file}::{test}")
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=names_of)
def test_a_page_begins_with_its_title(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("folder", "index"), [("docs", "docs/README.md"), ("docs/decisions", "docs/decisions/README.md")]
)
def test_the_index_names_every_page(folder: str, index: str) -> None:
    known = {(ROOT / index).parent / link.partition("#")[0] for link in links_of(ROOT / index)}
    pages = set((ROOT / folder).rglob("*.md")) - {ROOT / index}
    if folder == "docs":
        pages -= set((ROOT / "docs/decisions").glob("0*.md"))
    assert {names_of(path) for path in pages - {path.resolve() for path in known}} == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`make ([a-z]+)", path.read_text(encoding="utf-8"))}
    assert len(named) > 5
    assert named <= targets


def test_alerts_name_metrics_that_exist() -> None:
    alerts = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", alerts, flags=re.DOTALL | re.MULTILINE)
    rules = [rule for group in yaml.safe_load(block)["groups"] for rule in group["rules"]]
    used = {name for rule in rules for name in re.findall(r"fluxmig_\w+", rule["expr"])}
    reference = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
    assert used
    assert [name for name in used if f"| `{name}` |" not in reference] == []
