"""Exactly the right residents: by where they live now, by their tags, minus whoever is taken out again."""

import random

import pytest
from announcing.crowd import RULES, buildings_of, drafted, frozen, settle, wording
from sqlalchemy import select
from sqlalchemy.orm import Session
from town import COMMUNITY, GRID, OTHER_GRID, STREET, TUESDAY

from models.announcement import Announcement, Recipient
from models.area import Area, Building
from models.audience import Audience, left_out
from models.database import Refused
from models.release import draft, fingerprint_of, freeze
from models.resident import Home, Resident
from models.tagging import tags_of

IN_GRID = Audience(areas=(GRID,))


def meant(session: Session, audience: Audience) -> set[int]:
    row = drafted(session, audience, author="street")
    freeze(session, row)
    return frozen(session, row)


@pytest.fixture
def homes(session: Session) -> tuple[str, str, str]:
    """Two buildings of the grid and one of the next."""
    first, second = buildings_of(session)[:2]
    return first, second, buildings_of(session, OTHER_GRID)[0]


def test_a_grid_reaches_its_homes_and_no_others(session: Session, homes: tuple[str, str, str]) -> None:
    here, elsewhere = settle(session, "here", homes[0]), settle(session, "elsewhere", homes[2])

    found = meant(session, IN_GRID)

    assert here in found and elsewhere not in found


def test_a_community_and_the_street_hold_everything_below_them(session: Session, homes: tuple[str, str, str]) -> None:
    both = {settle(session, "here", homes[0]), settle(session, "next", homes[2])}
    far = settle(session, "far", session.scalars(
        select(Building.code).where(~Building.grid_code.startswith(COMMUNITY)).limit(1)).one())  # fmt: skip

    assert both <= meant(session, Audience(areas=(COMMUNITY,))) and far not in meant(
        session, Audience(areas=(COMMUNITY,))
    )
    assert both | {far} <= meant(session, Audience(areas=(STREET,)))


def test_a_micro_grid_belongs_to_its_grid(session: Session, homes: tuple[str, str, str]) -> None:
    session.add(Area(code="micro-1", name="一号微网格", level="micro_grid", parent_code=GRID))
    session.flush()
    session.get_one(Building, homes[0]).grid_code = "micro-1"
    resident = settle(session, "micro", homes[0])

    assert resident in meant(session, IN_GRID) and meant(session, Audience(areas=("micro-1",))) == {resident}


def test_several_homes_and_several_ways_to_be_meant_make_one_recipient(
    session: Session, homes: tuple[str, str, str]
) -> None:
    resident = settle(session, "rich", *homes, tags=("60+", "pet"))

    found = meant(session, Audience(areas=(GRID, COMMUNITY), buildings=(homes[0],), tags=("60+", "pet")))

    assert found == {resident}


def test_the_home_bound_last_names_the_grid(session: Session, homes: tuple[str, str, str]) -> None:
    resident = settle(session, "moved", homes[0], homes[2])
    row = drafted(session, Audience(areas=(COMMUNITY,)))
    freeze(session, row)

    grid = select(Recipient.grid_code).where(Recipient.announcement_id == row.id, Recipient.resident_id == resident)
    assert session.scalars(grid).one() == OTHER_GRID


def test_a_home_given_up_counts_no_more(session: Session, homes: tuple[str, str, str]) -> None:
    resident = settle(session, "gone", homes[0])
    session.scalars(select(Home).where(Home.resident_id == resident)).one().ended_at = TUESDAY
    session.flush()

    assert resident not in meant(session, IN_GRID)


def test_one_of_the_tags_is_enough(session: Session, homes: tuple[str, str, str]) -> None:
    old = settle(session, "old", homes[0], tags=("60+",))
    tenant = settle(session, "tenant", homes[0], tags=("tenant",))
    settle(session, "plain", homes[0])
    settle(session, "driver", homes[0], tags=("car",))

    assert meant(session, Audience(areas=(GRID,), tags=("60+", "tenant"))) == {old, tenant}


def test_exclusions_take_places_from_homes_and_tags_from_residents(
    session: Session, homes: tuple[str, str, str]
) -> None:
    dry = settle(session, "dry", homes[0])
    wet = settle(session, "wet", homes[1])
    both = settle(session, "both", homes[0], homes[1])
    driver = settle(session, "driver", homes[0], tags=("car",))

    without_place = meant(session, Audience(areas=(GRID,), without_buildings=(homes[1],)))
    assert {dry, both, driver} <= without_place and wet not in without_place
    without_tag = meant(session, Audience(areas=(GRID,), without_tags=("car",)))
    assert {dry, wet, both} <= without_tag and driver not in without_tag
    assert not meant(session, Audience(areas=(COMMUNITY,), without_areas=(STREET,)))


def test_who_left_or_unsubscribed_gets_nothing_and_is_counted(session: Session, homes: tuple[str, str, str]) -> None:
    here = settle(session, "here", homes[0])
    left, silent = (
        settle(session, "left", homes[0], followed=False),
        settle(session, "silent", homes[0], bulletins=False),
    )
    settle(session, "both", homes[0], followed=False, bulletins=False)
    row = drafted(session, Audience(buildings=(homes[0],)))

    found = meant(session, Audience(buildings=(homes[0],)))

    assert here in found and not found & {left, silent}
    assert left_out(session, row) == {"unfollowed": 2, "bulletins_off": 1}


def test_the_homeless_are_counted_only_when_all_are_meant(session: Session) -> None:
    everywhere = Announcement(audience=Audience(areas=(STREET,)).facts(), second_call_of=None)
    here = Announcement(audience=IN_GRID.facts(), second_call_of=None)
    before = left_out(session, everywhere).get("no_home", 0)
    settle(session, "nowhere")
    settle(session, "nowhere-silent", bulletins=False)

    assert left_out(session, everywhere)["no_home"] == before + 1
    assert "no_home" not in left_out(session, here)


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience(), "至少一个辖区代码或楼栋代码"),
        (Audience(tags=("60+",)), "至少一个辖区代码或楼栋代码"),
        (Audience(areas=(GRID, "nowhere")), "没有这样的辖区：nowhere"),
        (Audience(areas=(GRID,), without_areas=("nowhere",)), "没有这样的辖区：nowhere"),
        (Audience(buildings=("b-none",)), "没有这样的楼栋：b-none"),
        (Audience(areas=(GRID,), tags=("60+", "sxity")), "没有这样的标签：sxity"),
        (Audience(areas=(GRID,), without_tags=("sxity",)), "没有这样的标签：sxity"),
    ],
)
def test_a_mistyped_audience_is_refused_with_what_is_wrong(session: Session, audience: Audience, words: str) -> None:
    with pytest.raises(Refused, match=words):
        draft(session, TUESDAY, RULES, "gao", wording(audience))


def test_the_same_audience_said_in_another_order_is_the_same(session: Session, homes: tuple[str, str, str]) -> None:
    one = drafted(session, Audience(areas=(GRID, COMMUNITY, GRID), tags=("car", "60+"), without_buildings=homes[:2]))
    two = drafted(session, Audience(areas=(COMMUNITY, GRID), tags=("60+", "car"), without_buildings=homes[1::-1]))

    assert fingerprint_of(one) == fingerprint_of(two)
    assert Audience.from_facts(one.audience).facts() == one.audience


def _slow(session: Session, audience: Audience) -> set[int]:
    """The same said plainly, one resident at a time."""
    parents = {area.code: area.parent_code for area in session.scalars(select(Area))}

    def within(code: str | None, areas: tuple[str, ...]) -> bool:
        while code and code not in areas:
            code = parents[code]
        return bool(code)

    found = set()
    for resident in session.scalars(select(Resident)):
        tags = tags_of(session, resident.id)
        homes = [home.building for home in resident.homes if home.ended_at is None]
        wanted = [b for b in homes if within(b.grid_code, audience.areas) or b.code in audience.buildings]
        away = [
            b for b in wanted if within(b.grid_code, audience.without_areas) or b.code in audience.without_buildings
        ]
        tagged = (not audience.tags or tags & set(audience.tags)) and not tags & set(audience.without_tags)
        if resident.followed and resident.bulletins and tagged and len(wanted) > len(away):
            found.add(resident.id)
    return found


def test_any_audience_means_whom_the_plain_reading_means(session: Session) -> None:
    """A hundred audiences drawn at random against the slow reading."""
    chance = random.Random(20261121)
    codes = [*buildings_of(session)[:4], *buildings_of(session, OTHER_GRID)[:3]]
    areas, tags = [GRID, OTHER_GRID, COMMUNITY, STREET], ["60+", "car", "pet"]
    for n in range(60):
        settle(
            session, f"r{n}", *chance.sample(codes, chance.randrange(4)), tags=chance.sample(tags, chance.randrange(3)),
            followed=chance.random() > 0.1, bulletins=chance.random() > 0.1,
        )  # fmt: skip
    for home in session.scalars(select(Home)):
        home.ended_at = TUESDAY if chance.random() < 0.2 else None
    session.flush()
    session.expire_all()
    sizes = set()
    for _ in range(100):
        audience = Audience(
            *(tuple(chance.sample(pool, chance.randrange(most))) for pool, most in ((areas, 3), (codes, 4), (tags, 3))),
            *(tuple(chance.sample(pool, chance.randrange(2))) for pool in (areas[:2], codes, tags)),
        )
        if audience.areas or audience.buildings:
            found = meant(session, audience)
            sizes.add(len(found))
            assert found == _slow(session, audience), audience
    assert len(sizes) > 20
