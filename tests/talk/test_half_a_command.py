"""A command said in passing: which ticket is told by its words, traditional characters are read, a cry is no place."""

import pytest
from town import Town


@pytest.mark.parametrize("said", ["撤回那个垃圾桶的", "把垃圾桶的取消了吧", "垃圾桶不用来了"])
def test_the_ticket_that_is_named_is_taken_back(town: Town, said: str) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    for report in ("垃圾桶满了没人清", "井盖坏了"):
        aunt.says(report)
        town.passes(seconds=600)
    answer = aunt.says(said)
    assert "已撤回" in answer and "垃圾" in answer


def test_words_that_name_none_of_theirs_take_nothing_back(town: Town) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    aunt.says("井盖坏了")
    town.passes(seconds=600)
    assert "已撤回" not in aunt.says("撤回路灯的")


def test_a_person_is_found_in_traditional_characters(town: Town) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    assert aunt.says("轉人工").startswith("已请陈网格员")


def test_a_cry_while_the_place_is_asked_is_no_place(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("有人一直尾随我")
    aunt.says("他在砸门！")
    assert "他在砸门" not in {row["place"] for row in town.rows("tickets")}
