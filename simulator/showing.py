"""`python -m simulator.showing [ADDRESS]`: plays a day on a running demo, to be watched on its page.

Nobody signs and the ticket climbs; neighbours join; a whistle and who comes to it; more time, and a matter put aside.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable

from simulator.cast import BOUND
from simulator.stage import NotSeen, Stage
from simulator.street_people import HOME_COMMUNITY, HOME_GRID
from simulator.street_places import DISTRICT_CODE, STREET_CODE

MINUTE, HOUR = 60, 3600
LATER_DAYS = 6
"""Later than any promise that was given today."""
HERS, HIS, THIRD = "紫荆苑3栋", "紫荆苑2栋", "孙师傅"
FIRST = "陈晓敏"


def files(stage: Stage, words: str) -> str:
    """王阿姨 reports something new; returns its number."""
    said = stage.resident(BOUND, text=words)
    found = re.search(r"已登记 #(\d+)", said)
    if not found:
        raise NotSeen(f"这件事以前演过，还没过去：{said}\n从头来：make demo RESET=1")
    return found[1]


def moves_in(stage: Stage, nickname: str, building: str) -> None:
    """They scan the code on the door of their building, as on the first day."""
    stage.resident(nickname, kind="scan", scene=stage.scene(building))


def rises(stage: Stage, words: str = "楼道灯又不亮了，老人晚上不敢下楼") -> str:
    """Nobody takes it: grid, community, street, district. Returns its number."""
    ticket = files(stage, words)
    stage.hears(HOME_GRID, f"#{ticket} ")
    stage.passes(25 * MINUTE)
    stage.hears(HOME_GRID, f"#{ticket} ", "还没人签收")
    stage.passes(6 * MINUTE)
    stage.hears(HOME_COMMUNITY, "【上报社区】", f"#{ticket} ")
    stage.reads(BOUND, f"#{ticket}")
    stage.passes(30 * MINUTE)
    stage.hears(STREET_CODE, "【上报街道】", f"#{ticket} ")
    stage.passes(30 * MINUTE)
    stage.hears(DISTRICT_CODE, "【上报区县】", f"#{ticket} ")
    return ticket


def climbs(stage: Stage) -> None:
    """没人签收，逐级上报"""
    ticket = rises(stage)
    stage.says(DISTRICT_CODE, "秦志远", f"督办 {ticket} 今天必须上门")
    stage.hears(HOME_GRID, "督办", f"#{ticket} ")
    stage.says(HOME_GRID, FIRST, f"接单 {ticket}")
    stage.reads(BOUND, f"#{ticket}", "已接单")
    stage.says(HOME_GRID, FIRST, f"督办回复 {ticket} 马上带灯泡过去")
    stage.says(HOME_GRID, FIRST, f"办结 {ticket} 灯泡已换")
    stage.reads(BOUND, "1 已解决")
    stage.resident(BOUND, text="1")
    stage.resident(BOUND, text="5")


def joins(stage: Stage) -> None:
    """邻居来说同一件事"""
    moves_in(stage, "李大爷", HIS)
    moves_in(stage, THIRD, HERS)
    ticket = files(stage, "垃圾堆了一地没人收")
    stage.hears(HOME_GRID, f"#{ticket} ")
    stage.resident("李大爷", text="垃圾都堆成山了没人清")
    stage.resident("李大爷", text="1")
    stage.resident(THIRD, text="垃圾好几天没人收")
    stage.hears(HOME_GRID, f"#{ticket} ", "已有3位居民反映")
    stage.says(HOME_GRID, FIRST, f"接单 {ticket}")
    stage.says(HOME_GRID, FIRST, f"办结 {ticket} 都清走了")
    stage.reads("李大爷", f"#{ticket}", "都清走了")
    stage.resident(BOUND, text="1")
    stage.resident(BOUND, text="5")


def whistles(stage: Stage) -> None:
    """网格吹哨，部门报到"""
    ticket = files(stage, "楼道里堆满纸箱，消防通道堵死了")
    stage.hears(HOME_GRID, f"#{ticket} ")
    stage.says(HOME_GRID, FIRST, f"接单 {ticket}")
    stage.says(HOME_GRID, FIRST, f"吹哨 {ticket} 城管、消防 楼道堆物堵了通道")
    stage.hears("cg", "【吹哨】", f"#{ticket} ")
    stage.hears("xf", "【吹哨】", f"#{ticket} ")
    stage.says("xf", "联络员", f"报到 {ticket}")
    stage.passes(65 * MINUTE)
    stage.hears("cg", f"#{ticket} ", "报到")
    stage.hears(HOME_COMMUNITY, f"#{ticket} ", "部门没有按时报到")
    stage.says("cg", "联络员", f"报到 {ticket}")
    stage.says("xf", "联络员", f"反馈 {ticket} 已清走，贴了告知书")
    stage.hears(HOME_GRID, f"#{ticket} ", "反馈")
    stage.says(HOME_GRID, FIRST, f"评分 {ticket} 5")
    stage.says(HOME_GRID, FIRST, f"办结 {ticket} 通道清空了")
    stage.reads(BOUND, "1 已解决")
    stage.resident(BOUND, text="1")
    stage.resident(BOUND, text="5")


def waits(stage: Stage) -> None:
    """延期和挂账"""
    ticket = files(stage, "下水道堵了，污水往外冒")
    stage.hears(HOME_GRID, f"#{ticket} ")
    stage.says(HOME_GRID, FIRST, f"接单 {ticket}")
    stage.says(HOME_GRID, FIRST, f"延期 {ticket} {stage.day(LATER_DAYS)} 等疏通车")
    stage.hears(HOME_COMMUNITY, f"#{ticket} ", "疏通车")
    stage.reads(BOUND, f"#{ticket}", "疏通车")
    other = files(stage, "小区健身器材坏了，踏板掉了")
    stage.hears(HOME_GRID, f"#{other} ")
    stage.says(HOME_GRID, FIRST, f"接单 {other}")
    stage.says(HOME_GRID, FIRST, f"挂账 {other} 明天 等厂家发配件")
    stage.reads(BOUND, f"#{other}", "配件")
    stage.morning()
    stage.passes(9 * HOUR)
    stage.hears(HOME_GRID, f"#{other} ", "恢复办理")


SCENES: dict[str, Callable[[Stage], None]] = {"climb": climbs, "join": joins, "whistle": whistles, "wait": waits}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator.showing", description=__doc__)
    port = os.environ.get("PORT") or "8000"
    parser.add_argument("address", nargs="?", default=f"http://127.0.0.1:{port}", help="where the demo's page is")
    parser.add_argument("--scene", choices=SCENES, action="append", help="only this one (may be given again)")
    parser.add_argument("--pause", type=float, default=1.5, help="seconds to read each line")
    asked = parser.parse_args()
    try:
        stage = Stage(asked.address, asked.pause)
        stage.morning()
        for name in asked.scene or SCENES:
            stage.caption(f"== {SCENES[name].__doc__} ==")
            SCENES[name](stage)
    except NotSeen as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
