"""我的数据: everything that is kept of the one who asks, in words, and nothing of anybody else."""

from sqlalchemy import select
from town import Town

from models.announcement import ResidentTag
from models.resident import Resident
from simulator.resident_hand import ResidentHand


def tagged(town: Town, hand: ResidentHand, *tags: str) -> None:
    with town.database.write() as session:
        mine = session.scalars(select(Resident.id).where(Resident.openid == hand.openid)).one()
        session.add_all(ResidentTag(resident_id=mine, tag=tag) for tag in tags)


def test_the_offices_own_tags_are_told_to_whom_they_are_about(town: Town) -> None:
    aunt, uncle = town.resident("王阿姨", town.building("紫荆苑3栋")), town.resident("李大爷")
    uncle.says("你好")
    tagged(town, aunt, "独居老人", "60+", "低保")
    tagged(town, uncle, "退役军人", "tenant")

    assert "标签：60岁以上、低保、独居老人\n" in aunt.says("我的数据")
    assert "标签：租房、退役军人\n" in uncle.says("我的数据")
