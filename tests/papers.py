"""What makes a paper an archive that everybody can read: PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1)."""

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

HARMLESS = {"/GoTo", "/URI", "/Named", None}
FONT_FILES = {"/FontFile", "/FontFile2", "/FontFile3"}


def assert_archive(paper: bytes) -> None:
    """Fails on the first rule that the paper breaks, of those that can be told from its parts."""
    reader = PdfReader(io.BytesIO(paper), strict=True)
    root = reader.root_object
    assert not reader.is_encrypted
    assert "/ID" in reader.trailer
    says_what_it_is(root["/Metadata"].get_data().decode())
    assert root["/Lang"] == "fr-FR"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert not {"/OpenAction", "/AA", "/AcroForm", "/OCProperties", "/Perms"} & set(root)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {}))
    intent = root["/OutputIntents"][0]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_data()[36:40] == b"acsp"
    parts = list(everything(root))
    for part in parts:
        is_allowed(part)
    levels = [int(part["/S"][2:]) for part in parts if re.fullmatch(r"/H[1-6]", str(part.get("/S")))]
    assert levels
    assert set(levels) == set(range(1, max(levels) + 1))  # no level is left out


def says_what_it_is(metadata: str) -> None:
    for words in (
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>",  # a name that PDF/A does not know is explained
    ):
        assert words in metadata
    assert re.search(r"<dc:title><rdf:Alt><rdf:li[^>]*>[^<]", metadata)


def is_allowed(part: DictionaryObject) -> None:
    if part.get("/Type") == "/Font":
        has_its_font(part)
    if part.get("/Type") == "/StructElem" and part["/S"] == "/Figure":
        assert part["/Alt"]
    if part.get("/Subtype") == "/Image":
        assert not part.get("/Interpolate")
        assert part.get("/ColorSpace") != "/DeviceCMYK"
    if part.get("/Type") == "/Annot":
        assert int(part["/F"]) & 4  # it is printed
        assert part["/Contents"]
    if part.get("/Type") == "/Action" or "/URI" in part:
        assert part.get("/S") in HARMLESS
    filters = part.get("/Filter", [])
    assert not {"/LZWDecode", "/Crypt"} & set(filters if isinstance(filters, list) else [filters])


def has_its_font(font: DictionaryObject) -> None:
    if font["/Subtype"] == "/Type0":
        assert "/ToUnicode" in font
    elif font["/Subtype"] != "/Type3":  # which is drawn on the spot
        assert FONT_FILES & set(font["/FontDescriptor"]), font["/BaseFont"]


def everything(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """Each dictionary that the root leads to, once."""
    seen: set[int] = set()
    waiting: list[Any] = [root]
    while waiting:
        it = waiting.pop()
        if isinstance(it, IndirectObject):
            if it.idnum in seen:
                continue
            seen.add(it.idnum)
            it = it.get_object()
        if isinstance(it, DictionaryObject):
            yield it
            waiting += it.values()
        elif isinstance(it, ArrayObject):
            waiting += it
