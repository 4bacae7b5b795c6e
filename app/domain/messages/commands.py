"""What is answered to commands, beside what the plan says itself."""

HEAD_IS_NEWER = (
    "I saw the present head of this branch only after you said that, so you may have looked at an earlier one. "
    "Look at it again, and approve anew."
)
PERMISSION_NOT_KNOWN = "GitHub did not tell me your permission on this repository, so I did nothing."
TOO_LONG = "… GitHub takes no longer comment; the page of the repository has all of it."
