"""The control API, the live events, the street's files, and real HTTP to the bot."""

import threading
from pathlib import Path

import requests

from simulator.__main__ import arguments
from simulator.bot_line import HttpDelivery
from simulator.cast import home_scene
from simulator.config import WorldConfig, config_from_toml
from simulator.street_files import read_street
from simulator.world import World
from tests.simulator.little_bot import LittleBot


def test_a_page_can_do_all_of_it(world: World) -> None:
    sim = world.url + "/sim"
    auntie = requests.post(f"{sim}/residents", json={"nickname": "王阿姨"}, timeout=2).json()
    push = f"{sim}/residents/{auntie['openid']}/push"
    assert requests.post(push, json={"kind": "text", "text": "停水"}, timeout=2).json() == {"seen": "收到：停水"}
    assert requests.post(push, json={"kind": "dance"}, timeout=2).status_code == 404
    assert requests.post(push, json={"kind": "text"}, timeout=2).status_code == 400
    assert requests.post(push, json={}, headers={"Origin": "http://elsewhere"}, timeout=2).status_code == 403
    said = requests.post(f"{sim}/groups/chat-3/say", json={"member": "陈小明", "text": "待办"}, timeout=2).json()
    assert said == {"seen": "收到：@云格 待办"}
    screen = requests.get(f"{sim}/residents/{auntie['openid']}/screen", timeout=2).json()
    assert [item["side"] for item in screen] == ["person", "bot"]
    fault = requests.post(f"{sim}/faults", json={"path": "*", "kind": "http"}, timeout=2).json()
    assert requests.get(f"{sim}/faults", timeout=2).json()[0]["id"] == fault["id"]
    assert requests.delete(f"{sim}/faults/{fault['id']}", timeout=2).json() == []
    assert len(requests.get(f"{sim}/ledger", timeout=2).json()) == 2
    state = requests.get(f"{sim}/state", timeout=2).json()
    assert state["residents"][0]["left"] == 5 and state["groups"][0]["members"][0]["name"] == "陈小明"
    requests.post(f"{sim}/reset", timeout=2)
    assert requests.get(f"{sim}/residents/{auntie['openid']}/screen", timeout=2).json() == []


def test_what_happens_is_told_live(world: World) -> None:
    response = requests.get(f"{world.url}/sim/live", stream=True, timeout=5)
    lines = response.iter_lines(chunk_size=1)
    next(lines)
    auntie = world.resident("王阿姨")
    threading.Thread(target=auntie.says, args=("停水",)).start()
    events: list[str] = []
    while len([event for event in events if event == "resident"]) < 2:
        events += [line.decode().removeprefix("event: ") for line in [next(lines)] if line.startswith(b"event: ")]
    assert {"resident", "ledger"} <= set(events)
    response.close()


def test_the_page_needs_nothing_from_elsewhere(world: World) -> None:
    page = requests.get(world.url + "/", timeout=2)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "://" not in page.text and "<style" not in page.text and " style=" not in page.text
    assert 'lang="zh-CN"' in page.text


def test_real_http_to_a_bot_that_is_not_there_and_one_that_is(config: WorldConfig, world: World) -> None:
    nobody = World(config, deliver=HttpDelivery("http://127.0.0.1:9", 0.5))
    assert "暂时无法提供服务" in nobody.resident("王阿姨").says("停水")
    status, _, body = HttpDelivery(world.url, 2)("GET", "/sim/faults", b"", {})
    assert status == 200 and body.strip() == b"[]"


def test_a_street_is_read_from_its_files(tmp_path: Path, bot: LittleBot) -> None:
    files = {
        "areas.csv": "code,name,level,parent_code\nS,清溪街道,street,\nC,紫荆社区,community,S\nG,第三网格,grid,C\n",
        "buildings.csv": "code,grid_code,estate,name,latitude,longitude\nB9,G,别处,1栋,,\nB3,G,紫荆苑,3栋,30.1,120.2\n",
        "people.csv": "key,name,mobile,wecom_userid\np1,陈小明,,chenxm\np2,赵敏,,zhaomin\np3,无号,,\n",
        "postings.csv": "person_key,area_code,department_code,duty\np1,G,,full_time\np2,C,,staff\np3,G,,volunteer\n",
        "groups.csv": "chat_id,area_code,department_code,webhook_key,name\nchat-g,G,,k1,\nchat-d,,CG,k2,城管\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    street = read_street(tmp_path)
    world = World(deliver=bot, street=tmp_path)
    assert [member.name for member in world.group("chat-g").group.members] == ["陈小明", "赵敏"]
    assert street.path("G") == ["清溪街道", "紫荆社区", "第三网格"]
    assert world.group("chat-d").group.level == "department"
    assert home_scene(street) == "b-B3"


def test_the_products_config_file_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[official_account]\napp_id = "wx1"\ntoken = "t"\n[group_bot]\nname = "小云"\n', encoding="utf-8")
    config = config_from_toml(file)
    assert (config.app_id, config.token, config.mode, config.bot_name) == ("wx1", "t", "plain", "小云")
    asked = arguments(["--port", "8123", "--bot-url", "http://127.0.0.1:8124", "--config", str(file)])
    assert asked.port == 8123
