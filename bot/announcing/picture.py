"""The cover picture 封面 somebody hands in: what it is says its beginning, never its name."""

from pathlib import Path

from models.database import Refused

MOST_BYTES = 1 << 20
_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR": "image/png"}
_OTHERS = {b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WebP", b"%PDF": "PDF", b"<svg": "SVG", b"<?xml": "SVG"}
PICTURE_NAMES = {"image/jpeg": "JPG", "image/png": "PNG"}


def read_cover(path: str) -> tuple[str, bytes]:
    """Its kind and content. Raises Refused with what to do instead."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
            size = Path(path).stat().st_size
    except OSError as error:
        raise Refused(f"封面文件 {path} 读不出来（{error.strerror or type(error).__name__}）。请核对路径。") from None
    if not content:
        raise Refused("封面文件是空的，请换一个。")
    if len(content) > MOST_BYTES:
        raise Refused(f"封面最大 1 MB，这个有 {size / MOST_BYTES:.1f} MB。请缩小后再用（宽900像素就够）。")
    kind = next((kind for start, kind in _STARTS.items() if content.startswith(start)), None)
    if kind is None:
        raise Refused(f"封面只能是 JPG 或 PNG 图片，{_what(content)}。改文件名没有用，请另存为 JPG。")
    return kind, content


def _what(content: bytes) -> str:
    name = next((name for start, name in _OTHERS.items() if content.startswith(start)), "")
    if content[4:8] == b"ftyp":
        name = "HEIC 或视频"
    return f"这个是 {name}" if name else "这个文件的内容不是"
