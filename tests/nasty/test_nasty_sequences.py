"""Messages in an order nobody planned: repeated, overtaken, after a good-bye."""

from rows import of
from town import TUESDAY, Town


def test_the_rows_are_these() -> None:
    assert of("sequence") == ["X001", "X004", "X007"]


def test_x001_a_callback_delivered_three_times_is_one_ticket(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    before = len(town.rows("tickets"))
    first = wang.says("楼道灯不亮了")

    again = []
    for _ in range(2):
        town.passes(seconds=5)
        again.append(wang.repeats())

    assert again == [first, first]
    assert len(town.rows("tickets")) == before + 1


def test_x004_a_later_message_may_arrive_first(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    before = len(town.rows("messages"))
    callback = town.world.wechat
    early = callback.message_fields(wang.resident, "text", Content="楼道灯不亮了")
    town.passes(seconds=3)
    late = callback.message_fields(wang.resident, "text", Content="下水道堵了")

    for fields in (late, early):
        assert callback.push(wang.resident, fields).ok

    first, second = town.rows("messages")[before:]
    assert first["created_at"] > second["created_at"] and first["id"] < second["id"]
    assert first["tickets"] and second["tickets"] and first["tickets"] != second["tickets"]


def test_x007_words_after_leaving_are_still_heard(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    assert town.moment == TUESDAY
    wang.unfollows()

    wang.says("楼道灯不亮了")

    ticket = town.ticket()
    assert ticket["matter"] == "street_light" and ticket["status"] == "pending"
