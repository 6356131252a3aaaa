"""The main job, end to end, with the cast: 王阿姨, her worker 小陈, her neighbours."""

from town import GRID


def test_one_sentence_becomes_one_ticket_and_one_card(town):
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))

    answer = wang.says("楼道灯又不亮了")
    town.tick()

    ticket = town.ticket()
    assert f"#{ticket['number']}" in answer and "路灯、楼道灯不亮" in answer and "紫荆苑3栋" in answer
    assert ticket["matter"] == "street_light" and ticket["area_code"] == GRID and ticket["status"] == "pending"
    [card] = town.cards(GRID)
    assert card.splitlines()[0] == f"**#{ticket['number']} 路灯、楼道灯不亮**"
    assert "楼道灯又不亮了" in card
