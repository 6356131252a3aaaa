"""Masking 脱敏: what may stand in a group, a log or an export (L11, domain §9)."""

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]?)\d{4,5}(\d{3})(?!\d)")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11,13}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{6,}(\d{3})(?!\d)")
_NAME = re.compile(
    r"((?:我叫|姓名|名字是|名叫|联系人|本人)[:：是叫\s]*)([\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}(?=[,，。;；、\s\d]|电话|手机|$)"
)
_DOOR = re.compile(r"(单元|栋|幢|号楼|座|楼|门)\s*[-－]?\s*(\d{3,4})(?:室|号|房)?(?!\d)")
_ROOM = re.compile(r"(?<!\d)\d{3,4}(?=室|房(?!\d))")
_DASHED = re.compile(r"(?<![\d-])(\d{1,3}-\d{1,2})-\d{3,4}(?![\d-])")
_OPENID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
_DIGITS = str.maketrans("０１２３４５６７８９－", "0123456789-")


def mask_words(text: str, names: tuple[str, ...] = ()) -> str:
    """What a resident wrote, fit for a group: no phone, identity number, openid, door or full name."""
    text = text.translate(_DIGITS)
    text = _IDENTITY.sub(r"\1***********\2", text)
    text = _PHONE.sub(r"\1****\3", text)
    text = _LANDLINE.sub(r"\1****\2", text)
    text = _LONG_NUMBER.sub(r"\1******\2", text)
    text = _OPENID.sub("o***", text)
    text = _DASHED.sub(r"\1-***", text)
    text = _DOOR.sub(r"\1***", text)
    text = _ROOM.sub("***", text)
    text = _NAME.sub(r"\1\2**", text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


def mask_name(name: str) -> str:
    """王秀英 → 王**."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_id(value: str) -> str:
    """An openid or userid for exports: enough to compare two rows, not enough to use."""
    return f"{value[:2]}***{value[-4:]}" if len(value) > 8 else "***" if value else ""


def mask_mobile(value: str) -> str:
    return _PHONE.sub(r"\1****\3", value)
