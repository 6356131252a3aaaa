"""Text that may leave the house: no control characters, and cut by bytes without breaking a character in two."""

import re

import grapheme

# XML 1.0 forbids most of these outright; in a chat window none of them shows.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def whole(text: str) -> str:
    """JSON can carry half a surrogate pair and NUL; neither UTF-8 nor PostgreSQL can. Both become U+FFFD."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\x00", "\ufffd")


def printable(text: str) -> str:
    """Without control characters (tab and newline stay) and without anything UTF-8 or XML cannot carry."""
    return _UNPRINTABLE.sub("", _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n")))


def fit(text: str, limit: int) -> str:
    """At most `limit` UTF-8 bytes; what was cut ends with “…” after a whole grapheme."""
    if len(text.encode()) <= limit:
        return text
    head = text.encode()[: limit - len("…".encode())].decode(errors="ignore")
    # One "character" may be thousands of combining marks long: then it is cut inside rather than dropped.
    whole_characters = grapheme.safe_split_index(text[: len(head) + 64], len(head)) or len(head)
    return f"{text[:whole_characters]}…"
