"""Which commits of a file change more than their updates explain: `python -m scripts.purity COMMITS.jsonl`.

One JSON object a line with `patch`, `subject` or `title`, and where there is one `body` (of the commit). Each one that
is not pure is listed with its first lines, to be read: a wrong alarm makes a person look for nothing.
"""

import json
import sys
from pathlib import Path

from app.domain.classification import PullRequestText
from app.domain.reading import classify_text


def main(path: Path) -> None:
    read = impure = 0
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            title = row.get("subject") or row.get("title") or ""
            told = classify_text(
                PullRequestText(title=title, patch=row.get("patch") or "", commit_body=row.get("body"))
            )
            read += 1
            if told.also_changes:
                impure += 1
                print(f"{row.get('repo', '')} {row.get('sha', '')[:9]} {title}")
                for line in told.also_changes:
                    print(f"    {line.file}:{line.line} {line.text}")
    share = 100 * impure / read if read else 0.0
    print(f"{impure} of {read} ({share:.1f} %) change more than their updates explain")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
