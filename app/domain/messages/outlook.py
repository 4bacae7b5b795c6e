"""What an upgrade takes, sentence by sentence."""

from collections.abc import Sequence
from shlex import quote

from app.domain.messages.phrases import at, listed, pull_requests
from app.domain.model import Evidence


def not_declared(name: str) -> str:
    return f"Git declares no version of {name} here, so there is nothing to raise."


def not_known(name: str, written: str) -> str:
    return f"`{written}` does not tell which release of {name} runs here; pin it, then ask again."


def there_already(name: str, version: str) -> str:
    return f"{name} {version} or newer is there already."


def beyond_known(name: str, version: str, newest: str) -> str:
    minor = ".".join(newest.split(".")[:2])
    return f"{name} {version} may not exist: the newest {minor} that fluxmig knows is {newest}."


def over_bridge(name: str, to: str, goal: str, pairs: Sequence[tuple[str, str]]) -> str:
    old, new = listed([old for old, _ in pairs]), listed([new for _, new in pairs])
    return (
        f"There is no safe single step to {name} {goal}: it no longer serves {old}, and what runs does not serve {new} "
        f"yet. {name} {to} serves both."
    )


def no_way(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    ways = listed([f"{old} and {new}" for old, new in pairs])
    return f"No known release of {name} serves both {ways}: the manifests must be replaced together with the upgrade."


def move(
    *,
    api: str,
    name: str,
    version: str,
    removed: str,
    to: str,
    lines: Sequence[Evidence],
    by_hand: int,
    pull_requests: Sequence[int],
    rest: int,
) -> str:
    alone = len(lines) == 1
    count, them = ("one place uses", "it") if alone else (f"{len(lines)} places use", "them")
    since = f" (from {removed} on)" if removed else ""
    files = listed([at(line) for line in lines])
    where = f"{name} {version} no longer serves {api}{since}, which {count}: {files}."
    if pull_requests and not rest:
        return f"{where} {_numbers(pull_requests)} {_does(pull_requests)} all of it: merge first."
    part = f" {_numbers(pull_requests)} {_does(pull_requests)} {len(lines) - rest} of them." if pull_requests else ""
    if not to:
        return (
            f"{where}{part} There is no newer version yet that can take {them} as {'it is' if alone else 'they are'}."
        )
    hand = f"; {by_hand} of them by hand, and it says why" if by_hand else ""
    return f"{where}{part} Move {them} to {to} first: `fluxmig migrate .`{hand}."


def platform(
    *,
    name: str,
    version: str,
    needs: Sequence[str],
    better: Sequence[str],
    standing: str,
    unknown: bool,
    pull_requests: Sequence[int],
    in_full: bool,
) -> str:
    """`needs` must be met and `better` should be; `in_full`: the pull requests meet both."""
    asks = [f"needs {listed(needs)}"] if needs else []
    asks += [f"is better with {listed(better)}"] if better else []
    now = standing or "it is not known what runs here"
    what = f"{name} {version} {listed(asks)}; {now}"
    if pull_requests:
        it = "it" if in_full else "what it needs"
        return f"{what}. {_numbers(pull_requests)} {_brings(pull_requests)} {it}: merge first."
    if unknown:
        return f"{what}. Look before you go on."
    return f"{what}, and no open pull request raises it that far: raise it first."


def raised_before(name: str, version: str) -> str:
    return f"the steps before raise {name} to {version}"


def storage(*, name: str, version: str, api: str, flux: bool, by_operator: bool) -> str:
    gone = f"{name} {version} takes {api} out of its CRDs, which Kubernetes refuses while objects are stored at it"
    if by_operator:
        return f"{gone}. Flux Operator rewrites them itself after each minor (`migrateResources`)."
    if flux:
        return f"{gone}. Run `flux migrate` with the CLI of {version} on the cluster before the upgrade."
    return (
        f"{gone}. Look at `status.storedVersions` of these CRDs, and rewrite the objects where an old version stands."
    )


def upgrade(
    *,
    name: str,
    before: str,
    after: str,
    how: str,
    brought: Sequence[tuple[int, str]],
    on_the_way: Sequence[int],
) -> str:
    """`how` it is done by hand; `brought`: pull requests that reach the minor, each with its release."""
    done = f" {listed([f'#{number} brings {release}' for number, release in brought])}." if brought else ""
    part = f" {_numbers(on_the_way)} {_goes(on_the_way)} part of the way." if on_the_way else ""
    return f"Raise {name} from {before} to {after}{how}.{done}{part}"


def change_the_line(source: Evidence) -> str:
    return f" in {at(source)}"


def generate_anew(file: str, cli: str, components: Sequence[str]) -> str:
    """The file is generated, so no line of it is to be changed; without `components` it has the usual ones."""
    chosen = f" --components={','.join(components)}" if components else ""
    export = f"flux install --export{chosen} > {quote(file)}".replace("`", "")
    return f": with the CLI of {cli} run `flux bootstrap{chosen}` as you did before, or commit what `{export}` writes"


def rollout(name: str, version: str, scope: str) -> str:
    return f"Wait until cluster {scope} runs {name} {version}: merged is not applied."


def unlocked(*, number: int, api: str) -> str:
    return f"#{number} can follow: it needs {api}."


def can_move(*, count: int, api: str, provider: str, version: str) -> str:
    places = "One more place" if count == 1 else f"{count} more places"
    minor = ".".join(version.split(".")[:2])
    return f"{places} can be moved to {api} then: `fluxmig migrate . --to {provider}={minor}`."


def behaviour(name: str, minor: str, note: str) -> str:
    return f"From {name} {minor} on {note}."


def _numbers(numbers: Sequence[int]) -> str:
    return pull_requests(numbers)


def _does(numbers: Sequence[int]) -> str:
    return "does" if len(numbers) == 1 else "do"


def _brings(numbers: Sequence[int]) -> str:
    return "brings" if len(numbers) == 1 else "bring"


def _goes(numbers: Sequence[int]) -> str:
    return "goes" if len(numbers) == 1 else "go"
