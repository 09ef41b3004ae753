"""A reader for each format: the structure of a document without its texts, and the texts in it.

Two documents that differ in nothing but the texts of strangers have the same structure. A reader fails for what is not
of its format, and for whatever no document of ours holds: scripts, links elsewhere, other tags, directives.
"""

import ast
import doctest
import io
import re
import tokenize
import unicodedata
import xml.etree.ElementTree as ET  # the texts are our own, and have no entities
from collections.abc import Iterator
from html import unescape
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.mermaid import read_state_diagram

Structure: TypeAlias = list[object]
Read: TypeAlias = tuple[Structure, list[str]]

SVG_TAGS = {"svg", "title", "desc", "style", "rect", "g", "path", "circle", "text"}
HTML_IN_PAGES = {"<details>", "</details>", "<summary>", "</summary>", "<br>"}


def check_visible(text: str) -> None:
    """Fail for a character that nobody sees, or that changes others, but for the end of a line and the tab."""
    for char in set(text) - {"\n", "\t"}:
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, repr(text)
        assert not 0xFE00 <= ord(char) <= 0xFE0F, repr(text)
        assert char not in "\u3164\ufdd0\uffff", repr(text)


def read_svg(text: str) -> Read:
    """The kinds of elements of a picture, with the names of their attributes; a long text takes more than one."""
    check_visible(text)
    structure: Structure = []
    texts: list[str] = []
    for element in ET.fromstring(text).iter():  # noqa: S314
        tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
        assert tag in SVG_TAGS
        assert not any(name.lower().startswith("on") or "href" in name for name in element.attrib)
        structure.append((tag, sorted(element.attrib)))
        if tag != "style":
            texts += [
                element.text or "",
                *(element.attrib[name] for name in sorted(element.attrib) if name.startswith("data-")),
            ]
    return [sorted({str(kind) for kind in structure})], texts


_DOT_LINE = re.compile(
    r'digraph (?P<title>"(?:[^"\\\n]|\\.)*") \{|  (?P<a>[si]\d+)(?: -> (?P<b>s\d+))?(?P<attributes> \[[^\n]*\])?;'
    r"|  (?:node|edge) \[[^<>\n]*\];|\}"
)
_DOT_LABEL = re.compile(r" \[label=<(?P<label>.*)>(?:, style=dashed)?\]| \[shape=point, width=0\.15\]")


def read_dot(text: str) -> Read:
    """The statements of a graph, one a line, and the elements of its labels."""
    check_visible(text)
    structure: Structure = []
    texts: list[str] = []
    assert text.endswith("\n}\n")
    for line in text.splitlines():
        found = _DOT_LINE.fullmatch(line)
        assert found, line
        structure.append((found["a"], found["b"]))
        if found["title"]:
            texts.append(found["title"][1:-1].replace('\\"', '"').replace("\\\\", "\\"))
        if found["attributes"]:
            attributes = _DOT_LABEL.fullmatch(found["attributes"])
            assert attributes, line
            if attributes["label"] is not None:
                label = ET.fromstring(f"<label>{attributes['label']}</label>")  # noqa: S314
                assert {element.tag for element in label.iter()} <= {"label", "b", "br", "font"}
                structure.append([(element.tag, sorted(element.attrib)) for element in label.iter()])
                texts += label.itertext()
    return structure, texts


def read_mermaid(text: str) -> Read:
    """The states and arrows of a state diagram, and how many rows each text has."""
    check_visible(text)
    diagram = read_state_diagram(text)
    labels = [*diagram.texts.values(), *diagram.listed.values(), *diagram.labels]
    rows = [label.split("<br/>") for label in labels]
    structure: Structure = [list(diagram.texts), list(diagram.listed), diagram.arrows, list(map(len, rows))]
    texts = [re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), row) for each in rows for row in each]
    return structure, texts


_COMMENT = re.compile(r"<!-- @generated (?:(?!--).)*-->")
_PAGES = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read_markdown(text: str) -> Read:
    """The tokens of a page; those of plain text and of code have their contents among the texts."""
    check_visible(text)
    structure: Structure = []
    texts: list[str] = []
    for token in _flat(_PAGES.parse(text)):
        if token.type in {"html_block", "html_inline"}:
            html = _COMMENT.sub("", token.content)
            tags = re.findall(r"<[^>]*>", html)
            assert HTML_IN_PAGES.issuperset(tags), token.content
            structure.append(tags)
            texts.append(unescape(re.sub(r"<[^>]*>", "", html)))
        elif token.type in {"text", "text_special", "code_inline", "fence", "code_block"}:
            texts.append(token.content)
            assert token.type != "code_block"
            structure += [token.type] if token.type == "fence" else []
        elif token.type != "inline":
            href = str(token.attrs.get("href", ""))
            assert not href or href.startswith("../.."), href
            structure.append((token.type, token.tag))
    return structure, ["".join(texts)]


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


_SILENCING = re.compile(r"#\s*(?:noqa|(?:nosec|pragma)\b|type\s*:|mypy\s*:|fmt\s*:|ruff\s*:)", re.IGNORECASE)


def read_python(text: str) -> Read:
    """The syntax of a module without its docstrings and words on refusals, which are the texts, with the comments."""
    check_visible(text)
    assert tokenize.detect_encoding(io.BytesIO(text.encode()).readline)[0] == "utf-8"
    tree = ast.parse(text, type_comments=True)
    compile(text, "page", "exec", dont_inherit=True)
    texts: list[str] = []
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str(doc)) as said), *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str(doc)) as said), *_])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str(doc)) as said), *_])
            ):
                check_visible(doc)
                assert not doctest.DocTestParser().get_examples(doc)
                texts.append(doc)
                said.value = ""
            case ast.keyword("why", ast.Dict(values=reasons)):
                for reason in reasons:
                    assert isinstance(reason, ast.Constant)
                    check_visible(str(reason.value))
                    texts.append(str(reason.value))
                    reason.value = ""
            case _:
                pass
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            assert not _SILENCING.search(token.string), token.string
            texts.append(token.string)
    return [ast.dump(tree)], texts


def read_smtlib(text: str) -> Read:
    """The commands of a script; what stands behind a semicolon is a comment."""
    check_visible(text)
    lines = [line.partition(";") for line in text.splitlines()]
    return [before for before, _, _ in lines], [comment for _, _, comment in lines]


_OURS = re.compile(r"\x1b\[(?:0|[0-9;]+)m")
_OBEYED = re.compile(r"^\s*::|##\[", re.MULTILINE)


def read_terminal(text: str) -> Read:
    """The lines of what a terminal is sent. Nothing in it is obeyed but colours and weights."""
    colours = _OURS.findall(text)
    plain = _OURS.sub("", text)
    check_visible(plain)
    assert not _OBEYED.search(text), text
    return [colours, plain.count("\n")], plain.replace("\\x23#[", "##[").replace("\\x3a:", "::").splitlines()
