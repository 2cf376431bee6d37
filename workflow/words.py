"""The words of a title, as lists find them: the same for a title that is kept and for a question that is asked."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"\w+")
LONGEST = 60
"""Characters of a word that are kept; a longer one is found by its beginning."""


def words(text: str) -> tuple[str, ...]:
    """Its words without regard to case and form of writing, each once, in their order."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(dict.fromkeys(word[:LONGEST] for word in WORD.findall(folded)))
