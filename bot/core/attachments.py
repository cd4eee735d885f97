"""Files that people attach to a message: what is refused, and how the prompt names them.

A file is refused when it is not what it was announced to be (a proxy's or Slack's sign-in page is answered with 200 and
would otherwise be saved as a picture), and when it is a native program: ELF, PE (Windows) or Mach-O, told by its first
bytes. Scripts are text and are taken; archives are files like any other and never unpacked.
"""

from __future__ import annotations

_HTML = "text/html"
_PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_MACH_O = tuple(bytes.fromhex(magic) for magic in ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe"))


def objection(announced: str, content_type: str, content: bytes) -> str | None:
    """Why ``content`` is not taken; None when it is. ``announced`` is the type in the message, ``content_type`` the one
    it came with."""
    if _is_program(content):
        return "programs are not taken"
    kind = announced.lower().partition(";")[0].strip()
    if not _may_be(kind, content):
        return f"what came is not {kind}"
    if content_type.lower().partition(";")[0].strip() == _HTML and kind != _HTML:
        return "a web page came in its place"
    return None


def _may_be(kind: str, content: bytes) -> bool:
    if kind == "image/webp":
        return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith(_PICTURES.get(kind, b""))


def _is_program(content: bytes) -> bool:
    # Text may begin with "MZ"; the header of a program has zeros in it.
    windows = content.startswith(b"MZ") and b"\0" in content[:64]
    return windows or content.startswith((b"\x7fELF", *_MACH_O))
