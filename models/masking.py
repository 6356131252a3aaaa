"""Masking 脱敏: what may stand in a group, a log or an export (L11, domain §9)."""

import re
import unicodedata

_GAP = r"[- .·_—*/,，、\u3000]{0,2}"
_PHONE = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?(1{_GAP}[3-9](?:{_GAP}\d){{5}})((?:{_GAP}\d){{4}})(?!\d)")
"""Eleven digits however they are grouped: 138 1234 0000, 138-12-34-00-00, 1 3 8 …. Group 2 is the last four."""
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]?)\d{4,5}(\d{3})(?!\d)")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11,13}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{2,}(\d{2})(?!\d)")
_SPELLED = re.compile(r"([零〇一二三四五六七八九幺两]{3})[零〇一二三四五六七八九幺两]{4,}")
"""Numbers said one digit after the other, as voice recognition writes them."""
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆汪范廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
)
_COMPOUND = "欧阳|司马|上官|诸葛|尉迟|皇甫|令狐|慕容|夏侯|东方|司徒|轩辕|公孙|端木|东郭|南宫|独孤|宇文|长孙|西门"
_NAMED = r"((?:我叫|姓名|名字是|名字叫|名叫|联系人|本人)[:：是叫\s]*)"
_NAME = re.compile(rf"{_NAMED}([\u4e00-\u9fff])[\u4e00-\u9fff]{{1,2}}(?=[,，。.;；、!！\s\d]|电话|手机|$)")
_NAME_LABELLED = re.compile(
    r"((?:姓名|名字|联系人)[:：是叫\s]+)([\u4e00-\u9fff])[\u4e00-\u9fff·]{1,5}(?=[,，。.;；、!！\s\d]|电话|手机|$)"
)
_NAME_RUNNING_ON = re.compile(rf"{_NAMED}([{_SURNAMES}]|{_COMPOUND})(?!\*)[\u4e00-\u9fff]{{1,2}}")
_I_AM = re.compile(
    rf"((?:我是|这是)[:：\s]*)([{_SURNAMES}]|{_COMPOUND})[\u4e00-\u9fff]{{1,2}}(?=[,，。.;；、!！\s\d]|电话|手机|$)"
)
_WHOLE = rf"(?:[{_SURNAMES}]|{_COMPOUND})"
_END = r"(?=[,，。.;；、!！\s]|电话|手机|$)"
_AFTER_NUMBER = re.compile(
    rf"(\*{{4}}\d{{0,4}}[\s,，、:：]*)(?!谢谢|马上|方便|安排|万一)({_WHOLE})[\u4e00-\u9fff]{{1,2}}{_END}"
)
_BEFORE_NUMBER = re.compile(
    rf"(^|[,，。.;；、!！\s]|联系|找|的)({_WHOLE})[\u4e00-\u9fff]{{1,2}}(?=[,，、:：\s]*\d{{3}}\*{{4}})"
)
_ROLE = re.compile(rf"((?:户主|业主|住户|房东|租客|报修人)[:：是叫\s]*)({_WHOLE})[\u4e00-\u9fff]{{1,2}}{_END}")
"""王建国13812345678, 电话…王建国, 户主李桂芳: names beside a number or a role."""
_FIGURE = r"(?:\d{3,4}|[零〇一二三四五六七八九]{3,4})"
_DOOR = re.compile(rf"(单元|栋|幢|号楼|座|楼|门|层)\s*[-－]?\s*{_FIGURE}(?:室|号|房)?(?!\d)")
_ROOM = re.compile(rf"(?<!\d){_FIGURE}(?=室|房(?!\d)|户|号房)")
_LIVES = re.compile(rf"((?:住在?|我家|门牌|房号|室号)[:：是号\s]*){_FIGURE}(?!\d|[元块年米号路栋])")
_DASHED = re.compile(r"(?<![\d-])(\d{1,3}-\d{1,2})-\d{3,4}(?![\d-])")
_SHORT_DASHED = re.compile(r"(?<![\d-])(\d{1,3})-\d{3,4}(?![\d-])")
_OPENID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
_DASHES = dict.fromkeys(map(ord, "－–‐‑−"), "-")


def mask_words(text: str, names: tuple[str, ...] = ()) -> str:
    """What a resident wrote, fit for a group: no phone, identity number, openid, door or full name."""
    text = _plain(text)
    text = _OPENID.sub("o***", text)
    text = _IDENTITY.sub(r"\1***********\2", text)
    text = mask_mobile(text)
    text = _LANDLINE.sub(r"\1****\2", text)
    text = _LONG_NUMBER.sub(r"\1****\2", text)
    text = _SPELLED.sub(r"\1****", text)
    text = _mask_doors(text)
    text = _NAME_LABELLED.sub(r"\1\2**", text)
    text = _NAME.sub(r"\1\2**", text)
    text = _NAME_RUNNING_ON.sub(r"\1\2**", text)
    for pattern in (_I_AM, _AFTER_NUMBER, _BEFORE_NUMBER, _ROLE):
        text = pattern.sub(r"\1\2**", text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


def _plain(text: str) -> str:
    """Digits of every script as 0–9, and nothing invisible between them: both would carry a number past us."""
    kept = (char for char in text if unicodedata.category(char) not in ("Cf", "Cn", "Co") or char in "\u200c\u200d")
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)
    return re.sub(r"(?<=\d)[\u200c\u200d\ufe0f\u20e3]+(?=\d)", "", plain).translate(_DASHES)


def _mask_doors(text: str) -> str:
    text = _DASHED.sub(r"\1-***", text)
    text = _DOOR.sub(r"\1***", text)
    text = _ROOM.sub("***", text)
    text = _LIVES.sub(r"\1***", text)
    return _SHORT_DASHED.sub(r"\1-***", text)


def mask_name(name: str) -> str:
    """王秀英 → 王**."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_id(value: str) -> str:
    """An openid or userid for exports: enough to compare two rows, not enough to use."""
    return f"{value[:2]}***{value[-4:]}" if len(value) > 8 else "***" if value else ""


def mask_mobile(value: str) -> str:
    """138****0000."""
    return _PHONE.sub(lambda found: f"{_digits(found[1])[:3]}****{_digits(found[2])}", value)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
