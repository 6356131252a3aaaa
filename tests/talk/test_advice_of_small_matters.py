"""A matter that can wait may still have something to do at once: money that was sent can be stopped."""

import pytest
from town import Town


@pytest.mark.parametrize(
    ("said", "first"), [("被骗了 已经转了两万给他", "请马上打110或96110"), ("收到短信说我中奖了 要点链接", "先别转钱")]
)
def test_money_that_was_sent_can_still_be_stopped(town: Town, said: str, first: str) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    answer = aunt.says(said)
    assert answer.startswith(first) and "已登记" in answer
