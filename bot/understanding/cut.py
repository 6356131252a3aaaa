"""Cutting a sentence into words. jieba stays behind this door."""

import logging
import os
import tempfile
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import jieba

_OWN_FREQUENCY = 2000  # enough to win over being cut apart, too little to swallow its neighbours
_adding = threading.Lock()


class Cutter:
    """分词: cuts normalised text; knows the words of the matters and the names of places.

    All cutters of a process share one dictionary (60 MB), which only ever grows: a word of a matter that
    was edited away does no harm.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._tokenizer = _tokenizer()
        with _adding:
            for word in sorted(words):  # and the beginnings of words, which jieba keeps with frequency 0
                if len(word) > 1 and not self._tokenizer.FREQ.get(word):
                    self._tokenizer.add_word(word, _OWN_FREQUENCY)

    def cut(self, text: str) -> list[str]:
        return list(self._tokenizer.cut(text, HMM=False))


@cache
def _tokenizer() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = _own_folder()
    tokenizer.initialize()
    return tokenizer


def _own_folder() -> str:
    """jieba reads its cache with marshal: from a folder only we can write, never the shared temporary one."""
    folder = Path(__file__).resolve().parents[2] / "var" / "jieba"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return str(folder)
    except OSError:
        pass
    return tempfile.mkdtemp(prefix="yunge-jieba-")
