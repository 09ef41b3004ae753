"""Texts that try to be more than text, in one format or another."""

from random import Random

FRAGMENTS = (
    *("word", "two words", "a_name", "_x_", "__y__", "*strong*", "**", "~~gone~~", "`code`", "`", "``", "```"),
    *("` `", "$x$", "\\$", "# heading", "- item", "1. one", "1) one", "> said", "=====", "---", "***"),
    *("| a | b |", "|", "\\|", "\\", "\\\\", "|---|", "<script>alert(1)</script>"),
    *("<img src=x onerror=alert(1)>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "</text>", "</svg>"),
    *("<a href='javascript:alert(1)'>", "<javascript:alert(1)>", "[x](javascript:alert(1))"),
    *("![x](data:text/html,x)", "[x]: javascript:x", "</summary>", "</details>", "<br>", "&lt;", "&#x202e;"),
    *("&amp", "&", "<", ">", "'", '"', '""', '"""', "'''", '\\"""', "%%{init: {}}%%", "#59;", ";", "%%"),
    *("s0 --> s1", "end note", "{", "}", "{{ 7 * 7 }}", "{% raw %}", "%s", "{0}", "${x}", "]", "[", "//", "/*"),
    *("*/", "# noqa", "noqa", "# type: ignore", "type: ignore", "type: int", "# mypy: ignore-errors"),
    *("fmt: off", "pragma: no cover", "-*- coding: utf-7 -*-", "coding=utf-7", "+AAo-import os"),
    *(">>> import os", ">>> 1/0", "import os", "raise SystemExit", "(check-sat)", "::error file=x::y"),
    *("::stop-commands::x", "##[group]", "@everyone", "https://example.org/", "www.example.org", "a@b.cc"),
    *("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x1b[31mproved\x1b[0m", "\r", "\n", "\n\n", "\n    ", "\n# "),
    *("\t", "\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200d"),
    *("\u200e", "\u2028", "\u2029", "\u202e", "\u2066", "\u2069", "\ufeff", "\ufdd0", "\uffff", "\ufe0f"),
    *("\u3164", "\ud800", "\udcff", "\U000e0041", "\U0001f600", "\xe9", "e\u0301", "\ufb01", "\u05d0\u05d1"),
    *(" ", "  ", ".", ":", "!", "\u2026", "x = 1", "if x:", "0x", "\\N{DASH}", "\\x1b", "\\u202e", "\\n"),
    *("9" * 50, "x" * 130),
)


def hostile(number: int) -> str:
    """A text of a few fragments, the same for the same number; its first line is not blank."""
    chance = Random(number)  # noqa: S311 -- the same texts in every run
    while True:
        text = "".join(chance.choice(FRAGMENTS) for _ in range(chance.choice((1, 1, 2, 3, 5, 9))))
        if "".join(text.strip().split("\n")[0].split()):
            return text
