"""In danger the first line is right for what was said, and for whom it is said to."""

import pytest
from town import GRID, Town

from bot.danger import advice, of_themselves
from bot.understanding import parse_rule
from handlers.matters import shipped_matters
from models.matter import Matter

EMERGENCIES = {matter["code"]: matter["advice"] for matter in shipped_matters() if matter["timing"] == "emergency"}
MOST = 500
"""Characters the column holds."""


@pytest.mark.parametrize(
    ("said", "first", "never"),
    [
        ("娃儿遭电了", ("断电", "120"), "离远一点"),
        ("电线断了掉在地上", ("离远一点",), "拉闸"),
        ("喝了农药了", ("120",), "12356"),
        ("我妈喝了农药", ("120",), "12356"),
        ("室友割腕了 流了好多血", ("120", "压住"), "12356"),
        ("有个小孩掉河头了", ("119", "不要下水"), "电梯"),
        ("门反锁孩子在里面", ("119", "陪"), "电梯"),
        ("电梯停了 里面有人出不来", ("119", "报警键"), "下水"),
        ("孩子锁在车里 大太阳", ("119", "砸"), "电梯"),
        ("有个工人被埋在沟里了", ("119",), "电梯"),
        ("着火了 烟太大我们出不去", ("119", "关紧"), "弯腰走楼梯"),
        ("煤气中毒了 我爸昏过去了", ("120",), ""),
        ("我胸口疼得喘不上气", ("120", "您", "把门打开"), "病人"),
        ("老人晕倒在楼下", ("120", "搬动"), ""),
        ("有人没呼吸了", ("120", "按压"), ""),
        ("他在砸门！", ("110", "锁好门"), "单独回去"),
        ("隔壁打老婆 女的喊救命", ("110", "不要自己上前"), "锁好门"),
        ("老公打我 我躲厕所", ("110", "安全的地方"), "上前"),
        ("我不想活了", ("您", "12356"), "不刺激"),
        ("有人要跳楼 在楼顶坐着", ("110", "不刺激"), "您愿意说"),
    ],
)
def test_the_first_line_fits_the_danger(town: Town, said: str, first: tuple[str, ...], never: str) -> None:
    answer = town.resident("王阿姨", home=town.building("紫荆苑3栋")).says(said)

    assert "已登记 #" in answer
    line = answer.splitlines()[0]
    assert all(piece in line for piece in first), line
    assert not never or never not in line, line


@pytest.mark.parametrize("code", EMERGENCIES)
def test_advice_can_be_read_and_always_has_a_last_word(code: str) -> None:
    *chosen, otherwise = EMERGENCIES[code].strip().splitlines()

    assert otherwise and "→" not in otherwise and len(EMERGENCIES[code]) <= MOST
    for line in chosen:
        rule, _, text = line.partition("→")
        parse_rule(rule)
        assert text.strip().endswith("。")
    assert advice(Matter(code=code, advice=EMERGENCIES[code]), "他") == otherwise


@pytest.mark.parametrize(
    "said",
    ["我不想活了", "活着没意思 死了算了", "我站在楼顶了", "老伴走了 我也跟着去算了", "我对不起爸妈 来世再做你们女儿"],
)
def test_whoever_cries_for_themselves_is_told_from_whoever_sees_it(said: str) -> None:
    assert of_themselves(said)


@pytest.mark.parametrize(
    "said",
    ["我妈说不想活了", "有人要跳楼", "他说我不想活了就挂了", "六楼窗户外头站着个人", "室友割腕了", "嬢嬢说自己是累赘"],
)
def test_whoever_speaks_of_another_is_no_cry_of_their_own(said: str) -> None:
    assert not of_themselves(said)


def test_a_neighbour_who_joins_is_told_of_their_own_danger(town: Town) -> None:
    """What the worker made of the first ticket does not change what to do about a smell of gas."""
    town.resident("王阿姨", home=town.building("紫荆苑3栋")).says("闻到好大煤气味")
    town.passes(seconds=2)
    li = town.resident("李大爷", home=town.building("紫荆苑2栋"))

    answer = li.says("楼道里有股煤气味")

    assert "开窗" in answer.splitlines()[0]
    assert "紫荆苑3栋" in answer and "您在紫荆苑2栋" in answer
    town.deliver()
    assert any("又有居民报警" in card and "（在紫荆苑2栋）" in card for card in town.cards(GRID))


def test_the_place_question_of_danger_still_takes_a_place(town: Town) -> None:
    li = town.resident("李大爷")
    assert "您现在在哪里" in li.says("我不想活了")

    assert "陈网格员" in li.says("紫荆苑3栋2单元")
    assert town.ticket()["place"].startswith("紫荆苑3栋")


@pytest.mark.parametrize("said", ["1", "弄错了", "我看错了，是蒸汽", "误报"])
def test_a_mistake_takes_danger_back(town: Town, said: str) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("我家着火了")
    wang.says("撤回")

    assert "已撤回" in wang.says(said)


@pytest.mark.parametrize("said", ["2", "火灭了", "没有危险了", "你们不用来"])
def test_danger_that_is_over_is_looked_at_all_the_same(town: Town, said: str) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("我家着火了")
    wang.says("撤回")

    assert "还会有人来看一眼" in wang.says(said)
    assert town.ticket()["status"] == "pending"


def test_the_number_of_another_ticket_is_still_taken_back(town: Town) -> None:
    """Whoever wants to die may have a lamp as well: only the cry stays."""
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("楼道灯不亮了")
    lamp = town.ticket()["number"]
    wang.says("我不想活了")
    cry = town.ticket()["number"]

    assert f"已撤回 #{lamp}" in wang.says(f"撤回 {lamp}")
    assert "不会逼您" in wang.says(f"撤回 {cry}")
    assert town.ticket(cry)["status"] == "pending"


def test_poison_in_a_second_cry_is_told_what_to_do_first(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("我不想活了")
    cry = town.ticket()["number"]
    wang.says("人工")

    answer = wang.says("我喝药了")

    assert "120" in answer.splitlines()[0] and "不催吐" in answer.splitlines()[0]
    assert town.ticket()["number"] == cry
