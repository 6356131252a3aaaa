"""Transcripts: talks the community office can read, replayed through the front door.

    # 王阿姨 lives in 紫荆苑3栋
    王阿姨：楼道灯又不亮了
    机器人：已登记 #A：路灯 … 地点：紫荆苑3栋
    [时间过去 10 分钟]
    网格群 小陈：接单 A
    网格群 机器人：由陈网格员接单
    王阿姨收到：陈网格员已接单

`#A` names a ticket: the first time it is learnt, later it is said and expected. A line of the bot's lists pieces, set
apart by ` … `, that its answer must hold in this order; `机器人：（不回）` is silence. `网格群收到：` looks at the newest
cards of the group. `没有：` before a piece means: not this.
"""

import re
from pathlib import Path
from typing import Any

from town import COMMUNITY, GRID, STREET, Town

from simulator.group_hand import GroupHand
from simulator.screen import Item

GROUPS = {"网格群": GRID, "社区群": COMMUNITY, "街道群": STREET, "城管群": "cg", "消防群": "xf"}

_TIME = re.compile(r"\[(?:时间过去|过了) ([\d.]+) ?(分钟|小时|天)\]")
_SPANS = {"分钟": "minutes", "小时": "hours", "天": "days"}


def _picture(words: str, card: str) -> dict[str, Any]:
    """A photo with words that quotes a card, as the platform hands it on."""
    picture = {"msgtype": "image", "image": {"url": "https://example.invalid/encrypted"}}
    said = [{"msgtype": "text", "text": {"content": f"@云格 {words}"}}]
    return {
        "msgtype": "mixed",
        "mixed": {"msg_item": [*said, picture]},
        "quote": {"msgtype": "markdown", "markdown": {"content": card}},
    }


class Transcript:
    """一段对话: plays one file in a town and says which line did not hold."""

    def __init__(self, town: Town, staff: dict[str, str]) -> None:
        self.town, self.staff = town, staff
        self.numbers: dict[str, str] = {}
        self.answer = ""
        self.seen: dict[str, int] = {}

    def play(self, path: Path) -> None:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                self._line(line)
            except AssertionError as error:
                raise AssertionError(f"{path.name}:{number} {line}\n{error}") from None

    def _line(self, line: str) -> None:
        if span := _TIME.fullmatch(line):
            self.town.passes(**{_SPANS[span.group(2)]: float(span.group(1))})
            return
        who, _, words = line.partition("：")
        words = words.strip()
        if who.endswith("收到"):
            self._received(who.removesuffix("收到"), words)
        elif who.endswith("机器人"):
            self._expect(self.answer, words)
        else:
            self.town.passes(seconds=2)
            self._said(who, self._filled(words))

    def _said(self, who: str, words: str) -> None:
        place, _, member = who.partition(" ")
        if place in GROUPS and member:
            group, quote = self.town.group(GROUPS[place]), None
            if words.startswith("［引用］"):
                self.town.tick()
                quote, words = self._newest(group), words.removeprefix("［引用］")
            if words.startswith("［照片］"):
                self.town.tick()
                self.answer = group.sends(
                    self.staff[member], _picture(words.removeprefix("［照片］"), self._newest(group).text)
                )
                return
            self.answer = group.says(self.staff[member], words, quote=quote)
        elif place == "私聊":
            self.answer = self.town.world.single_chat(self.staff[member]).says(self.staff[member], words)
        else:
            self.answer = self._resident(who, words)

    def _newest(self, group: GroupHand) -> Item:
        """The newest card of this talk; the town's other tickets push cards too."""
        own = re.compile("|".join(rf"#{number}\b" for number in self.numbers.values()))
        return next(card for card in reversed(group.cards) if own.search(card.text))

    def _resident(self, who: str, words: str) -> str:
        hand = self.town.world.resident(who)
        if found := re.fullmatch(r"［(扫码|扫网格码|关注|取关|照片|语音|位置|48小时过去)\s*(.*)］", words):
            what, rest = found.groups()
            match what:
                case "扫码":
                    return hand.scans(f"b-{self.town.building(rest)}")
                case "扫网格码":
                    return hand.scans(f"g-{GRID}")
                case "关注":
                    return hand.follows()
                case "取关":
                    return hand.unfollows()
                case "照片":
                    return hand.sends_image()
                case "语音":
                    return hand.sends_voice(rest)
                case "位置":
                    latitude, longitude = self.town.coordinates(rest)
                    return hand.sends_location(latitude, longitude, rest)
        return hand.says(words)

    def _received(self, who: str, words: str) -> None:
        self.town.tick()
        texts = self.town.cards(GROUPS[who]) if who in GROUPS else self._pushed_to(who)
        new = "\n".join(texts[self.seen.get(who, 0) :])
        self.seen[who] = len(texts)
        self._expect(new, words)

    def _pushed_to(self, who: str) -> list[str]:
        return [item.text for item in self.town.world.resident(who).screen if item.side == "push"]

    def _expect(self, text: str, words: str) -> None:
        if words == "（不回）":
            assert text == "", f"expected silence, got: {text}"
            return
        if words.startswith("没有："):
            piece = self._filled(words.removeprefix("没有：").strip())
            assert piece not in text, f"“{piece}” stands in: {text}"
            return
        at = 0
        for piece in words.split(" … "):
            at = self._find(text, piece.strip(), at)

    def _find(self, text: str, piece: str, at: int) -> int:
        pattern = re.escape(self._filled(piece))
        fresh = [name for name in re.findall(r"#([A-Z])\b", piece) if name not in self.numbers]
        for name in fresh:
            pattern = pattern.replace(re.escape(f"#{name}"), rf"#(?P<{name}>\d+)", 1)
        match = re.compile(pattern).search(text, at)
        assert match, f"“{piece}” does not follow in: {text}"
        self.numbers |= {name: match.group(name) for name in fresh}
        return match.end()

    def _filled(self, words: str) -> str:
        for name, number in self.numbers.items():
            words = re.sub(rf"#{name}\b", f"#{number}", words)
            words = re.sub(rf"(?<![A-Za-z#]){name}(?![A-Za-z])", number, words)
        return words
