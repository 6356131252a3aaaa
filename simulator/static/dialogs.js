// What needs a choice before it is sent: photo, voice, place, code, name.
import * as api from "./api.js";
import { $, h } from "./dom.js";
import { drawMap } from "./map.js";
import { SCENES, drawScene } from "./photos.js";

function open(title, ...content) {
  const dialog = $("dialog");
  const close = h("button", { type: "button", class: "close", ariaLabel: "关闭", onclick: () => dialog.close() }, "×");
  dialog.replaceChildren(h("header", {}, h("h2", { id: "dialog-title" }, title), close), ...content);
  if (!dialog.open) dialog.showModal();
  return () => dialog.close();
}

export function openPhoto(act) {
  const send = async (blob) => {
    close();
    await act({ kind: "image", media: await api.upload(blob) });
  };
  const scenes = Object.keys(SCENES).map((name) => {
    const canvas = drawScene(name);
    return h("button", { type: "button", class: "scene", onclick: () => canvas.toBlob(send, "image/jpeg", 0.85) }, canvas, name);
  });
  const file = h("input", { type: "file", accept: "image/*", onchange: (event) => event.target.files[0] && send(event.target.files[0]) });
  const close = open("发一张照片", h("div", { class: "scenes" }, scenes), h("label", { class: "file" }, "选本机的照片…", file));
}

export function openVoice(act) {
  const words = h("textarea", { id: "voice-words", rows: 3, placeholder: "我们这栋楼的电梯又停了" });
  const heard = h("input", { type: "checkbox", id: "voice-heard", checked: true });
  const send = () => {
    close();
    act({ kind: "voice", recognition: heard.checked ? words.value.trim() || words.placeholder : "" });
  };
  const close = open("发一段语音",
    h("label", { htmlFor: "voice-words" }, "语音里说的话"), words,
    h("label", { class: "check" }, heard, "微信识别出了文字（现在常常识别不出）"),
    h("footer", {}, h("button", { type: "button", class: "send", onclick: send }, "发送语音")));
}

function buildingSearch(onFound) {
  const search = h("input", { type: "search", placeholder: "小区、楼栋，如 紫荆苑3栋", ariaLabel: "找楼栋", autocomplete: "off" });
  const find = async () => onFound((await api.buildings(search.value.trim())).slice(0, 8));
  search.addEventListener("input", find);
  search.value = "紫荆苑";
  find();
  return search;
}

export async function openPlace(act) {
  const list = h("div", { class: "found" });
  const choose = (building) => {
    close();
    act({ kind: "location", latitude: building.latitude, longitude: building.longitude, label: building.name });
  };
  const line = (building) => h("button", { type: "button", onclick: () => choose(building) }, building.name);
  const search = buildingSearch((found) => list.replaceChildren(...found.map(line)));
  const map = h("canvas", { class: "map", width: 560, height: 300, ariaLabel: "街道示意图，点一下发送那里的位置" });
  const close = open("发送位置", search, list, h("p", { class: "hint" }, "或者在图上点一下（每个点是一栋楼）"), map);
  drawMap(map, await api.buildings(), (latitude, longitude) => {
    close();
    act({ kind: "location", latitude, longitude, label: "" });
  });
}

export function openScan(act) {
  const list = h("div", { class: "codes" });
  const choose = (building) => { close(); act({ kind: "scan", scene: `b-${building.code}` }); };
  const line = (building) => h("button", { type: "button", onclick: () => choose(building) },
    h("img", { src: `/sim/codes/b-${encodeURIComponent(building.code)}`, alt: "", width: 84, height: 84 }), building.name);
  const search = buildingSearch((found) => list.replaceChildren(...found.map(line)));
  const close = open("扫楼栋门口的二维码", search, list);
}

export function askName() {
  return new Promise((resolve) => {
    const name = h("input", { maxLength: 20, required: true, placeholder: "比如 钱奶奶", ariaLabel: "称呼" });
    const form = h("form", { class: "name", onsubmit: (event) => { event.preventDefault(); resolve(name.value.trim()); close(); } },
      name, h("button", { class: "send" }, "添加"));
    const close = open("添一位居民", form);
    $("dialog").addEventListener("close", () => resolve(""), { once: true });
  });
}
