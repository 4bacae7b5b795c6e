"""What happens to pull requests in the stand-in GitHub, and what it announces."""

import pytest

from app.demo.github import GitHub
from app.demo.github.model import CheckRun, Permission, Refused, RequiredChecks
from app.demo.github.repository import Repository

FILES = {"apps/a.yaml": "a: 1\nb: 1\nc: 1\n", "README.md": "hello\n"}


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def repository(github: GitHub) -> Repository:
    made = github.create_repository("homelab", FILES)
    github.webhooks.pending.clear()
    return made


def announced(github: GitHub) -> list[str]:
    names = [delivery.name for delivery in github.webhooks.pending]
    github.webhooks.pending.clear()
    return names


def test_opening_announces_the_push_then_the_pull_request_then_its_labels(
    github: GitHub, repository: Repository
) -> None:
    pull = repository.open_pull_request(
        title="Update a", branch="renovate/a", changes={"apps/a.yaml": "a: 2\nb: 1\nc: 1\n"}, labels=["type/minor"]
    )
    assert announced(github) == ["push", "check_suite.requested", "pull_request.opened", "pull_request.labeled"]
    assert (pull.number, pull.labels, pull.mergeable, pull.behind_by) == (1, {"type/minor"}, True, 0)
    assert [diff.patch for diff in pull.files()] == ["@@ -1,3 +1,3 @@\n-a: 1\n+a: 2\n b: 1\n c: 1"]


def test_silence_changes_the_state_and_tells_nobody(github: GitHub, repository: Repository) -> None:
    with github.silent():
        pull = repository.open_pull_request(title="t", branch="x", changes={"new": "1\n"})
        pull.comment("psst")
        pull.close()
    assert pull.state == "closed"
    assert announced(github) == []


def test_a_push_to_the_branch_synchronizes(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="t", branch="x", changes={"new": "1\n"})
    before = pull.head_sha
    announced(github)
    pull.push({"new": "2\n"}, message="more", by=github.writer)
    assert pull.head_sha != before
    assert [commit.message for commit in pull.commits()] == ["t", "more"]
    synchronize = next(one for one in github.webhooks.pending if one.name == "pull_request.synchronize")
    assert (synchronize.payload["before"], synchronize.payload["after"]) == (before, pull.head_sha)
    assert synchronize.payload["sender"]["login"] == github.writer.login


def test_a_squash_merge_makes_one_commit_of_the_authors_on_the_base(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="Update a", branch="x", changes={"new": "1\n"}, by=github.renovate)
    pull.push({"newer": "2\n"}, message="more")
    repository.push({"README.md": "changed meanwhile\n"}, message="docs")
    announced(github)
    commit = pull.merge(by=github.writer)
    assert repository.head_sha == commit.sha == pull.merge_commit_sha
    assert (commit.message, commit.author.name, commit.committer.email) == (
        "Update a (#1)",
        "renovate[bot]",
        "noreply@github.com",
    )
    assert dict(repository.tree()) == FILES | {"README.md": "changed meanwhile\n", "new": "1\n", "newer": "2\n"}
    assert (pull.merged, pull.state, pull.merged_by) == (True, "closed", github.writer)
    assert announced(github) == ["push", "check_suite.requested", "pull_request.closed"]
    assert [diff.path for diff in pull.files()] == ["new", "newer"], "what it changed stays visible after the merge"


def test_pull_requests_that_change_neighbouring_lines_merge_one_after_the_other(repository: Repository) -> None:
    one = repository.open_pull_request(title="1", branch="one", changes={"apps/a.yaml": "a: 2\nb: 1\nc: 1\n"})
    two = repository.open_pull_request(title="2", branch="two", changes={"apps/a.yaml": "a: 1\nb: 2\nc: 1\n"})
    one.merge()
    assert two.behind_by == 1
    two.merge()
    assert repository.tree()["apps/a.yaml"] == "a: 2\nb: 2\nc: 1\n"


def test_a_conflict_is_not_mergeable_and_refused(repository: Repository) -> None:
    one = repository.open_pull_request(title="1", branch="one", changes={"apps/a.yaml": "a: 2\nb: 1\nc: 1\n"})
    two = repository.open_pull_request(title="2", branch="two", changes={"apps/a.yaml": "a: 3\nb: 1\nc: 1\n"})
    one.merge()
    assert (two.mergeable, two.mergeable_state) == (False, "dirty")
    with pytest.raises(Refused, match="Pull Request is not mergeable") as refused:
        two.merge()
    assert refused.value.status == 405


def test_a_merge_of_another_head_than_expected_is_refused(repository: Repository) -> None:
    pull = repository.open_pull_request(title="1", branch="one", changes={"new": "1\n"})
    with pytest.raises(Refused, match="Head branch was modified"):
        pull.merge(expected_head="0" * 40)


def test_a_required_check_holds_the_merge_until_it_has_passed(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="1", branch="one", changes={"new": "1\n"})
    repository.rules["main"] = RequiredChecks((("fluxmig", github.app.id),), strict=True)
    with pytest.raises(Refused, match=r'Required status check "fluxmig" is expected\.'):
        pull.merge()
    run = CheckRun(github.next_id(), "fluxmig", repository.suite_for(github.app, pull.head_sha), github.now())
    run.status, run.conclusion = "completed", "action_required"
    repository.add_check_run(run, by=github.app.bot)
    assert pull.mergeable_state == "blocked"
    run.conclusion = "success"
    assert pull.mergeable_state == "clean"
    repository.push({"README.md": "moved on\n"}, message="docs")
    assert pull.mergeable_state == "behind"
    pull.merge()


def test_closing_and_reopening(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="1", branch="one", changes={"new": "1\n"})
    announced(github)
    pull.close(by=github.writer)
    pull.close()
    pull.reopen()
    pull.reopen()
    assert announced(github) == ["pull_request.closed", "pull_request.reopened"]
    repository.delete_branch("one")
    assert pull.state == "closed"
    with pytest.raises(Refused):
        pull.reopen()


def test_editing_tells_what_was_there_before(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="old", branch="one", changes={"new": "1\n"}, body="was")
    announced(github)
    pull.edit(title="new", body="is")
    pull.edit(title="new", body="is")
    [edited] = github.webhooks.pending
    assert edited.payload["changes"] == {"title": {"from": "old"}, "body": {"from": "was"}}


def test_labels_are_once_and_case_does_not_matter(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="t", branch="one", changes={"new": "1\n"})
    announced(github)
    pull.label("Rebase", "rebase", by=github.writer)
    pull.unlabel("REBASE")
    assert announced(github) == ["pull_request.labeled", "pull_request.unlabeled"]
    with pytest.raises(Refused, match="Label does not exist"):
        pull.unlabel("Rebase")


def test_comments_are_made_edited_deleted_and_reacted_to(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="t", branch="one", changes={"new": "1\n"})
    announced(github)
    comment = pull.comment("/fluxmig why", by=github.reader)
    pull.edit_comment(comment, "/fluxmig help", by=github.reader)
    assert pull.react(comment, "eyes", by=github.app.bot)[1] is True
    assert pull.react(comment, "eyes", by=github.app.bot)[1] is False
    assert (comment.reaction_contents, pull.last_comment) == (["eyes"], "/fluxmig help")
    pull.delete_comment(comment, by=github.owner)
    assert announced(github) == ["issue_comment.created", "issue_comment.edited", "issue_comment.deleted"]
    assert pull.last_comment == ""


def test_people_have_the_roles_that_their_names_say(github: GitHub, repository: Repository) -> None:
    people = (github.owner, github.writer, github.reader, github.outsider)
    assert [repository.role_of(person) for person in people] == [
        Permission.ADMIN,
        Permission.WRITE,
        Permission.READ,
        Permission.READ,
    ]
    private = github.create_repository("secret", private=True)
    assert private.role_of(github.outsider) is Permission.NONE


def test_a_forced_push_says_so(github: GitHub, repository: Repository) -> None:
    pull = repository.open_pull_request(title="t", branch="one", changes={"new": "1\n"})
    repository.push({"README.md": "moved\n"}, message="docs")
    author = pull.head.author
    commit = repository.commit_on(repository.head_sha, {"new": "1\n"}, message="t", author=author)
    announced(github)
    repository.move_branch("one", commit)
    assert github.webhooks.pending[0].payload["forced"] is True
    assert pull.behind_by == 0


def test_a_number_can_be_chosen_and_the_next_one_goes_on_from_there(repository: Repository) -> None:
    assert repository.open_pull_request(title="t", branch="a", changes={"a": "1\n"}, number=34).number == 34
    assert repository.open_issue(title="Dependency Dashboard").number == 35
    with pytest.raises(Refused):
        repository.open_pull_request(title="t", branch="b", changes={"b": "1\n"}, number=34)
