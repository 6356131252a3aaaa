import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.normalise import LONGEST, faces, normalise


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("３栋路灯", "3栋路灯"),
        ("停電了", "停电了"),
        ("停\u200b水", "停水"),
        ("停氺了", "停水了"),
        ("[微笑]谢谢👍", "谢谢"),
        ("/::)谢谢/:rose", "谢谢"),
        ("好好好好好好", "好好"),
        ("路 灯 坏 了", "路灯坏了"),
        ("咋整啊，冇水！！！", "怎么整啊 没有水"),
        ("修好了吗？？", "修好了吗?"),
        ("电驴冲电", "电动车充电"),
        ("娃哈哈", "娃哈哈"),
        ("房间1111", "房间1111"),
    ],
)
def test_one_way_of_writing(written: str, standard: str) -> None:
    assert normalise(written) == standard


@given(st.text())
def test_any_text_can_be_normalised(text: str) -> None:
    assert len(normalise(text)) <= LONGEST


@pytest.mark.parametrize(
    ("text", "meaning"), [("[抱拳]", {"courtesy"}), ("👍", {"courtesy"}), ("🐼", {"other"}), ("路灯", set())]
)
def test_faces_mean_a_kind(text: str, meaning: set[str]) -> None:
    assert faces(text) == meaning
