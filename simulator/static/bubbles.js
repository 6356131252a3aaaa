// Bubbles of both chats.
import { avatar, h } from "./dom.js";
import { markdown, withLinks } from "./markdown.js";
import { store } from "./store.js";
import { clock } from "./time.js";

const PAUSE_SECONDS = 180;

export function timeLine(item, before) {
  if (before && item.at - before.at < PAUSE_SECONDS) return [];
  return [h("p", { class: "time" }, clock(item.at))];
}

function notice(item) {
  return h("p", { class: `notice ${item.side}` }, item.text);
}

export function phoneBubble(item, act) {
  if (item.side === "notice" || item.side === "simulator") return notice(item);
  const mine = item.side === "person";
  const face = mine ? avatar(item.author_name) : avatar("云", "account");
  const bubble = h("div", { class: `bubble ${item.kind}` }, phoneContent(item, act));
  const tag = item.side === "push" && h("small", { class: "origin" }, "稍后主动发来");
  return h("div", { class: `row ${mine ? "mine" : "theirs"}` }, face, h("div", { class: "words" }, bubble, tag));
}

function phoneContent(item, act) {
  const { kind, details, text } = item;
  if (kind === "image" && details.media) return h("img", { src: `/sim/media/${details.media}`, alt: "照片" });
  if (kind === "voice") return [h("span", { class: "waves", ariaHidden: "true" }, "▮▯▮▯"), details.recognition ? `“${details.recognition}”` : "语音 4″"];
  if (kind === "location") return [h("span", { class: "map-tile", ariaHidden: "true" }, "📍"), h("span", {}, text)];
  if (kind === "msgmenu") return menuChoices(details, act);
  if (kind === "transfer_customer_service") return "已转到人工客服";
  return withLinks(text);
}

function menuChoices({ head_content, list = [], tail_content }, act) {
  const choices = list.map((choice) =>
    h("button", { type: "button", class: "choice", onclick: () => act({ kind: "menu_item", id: String(choice.id), text: choice.content }) }, choice.content));
  return [head_content, h("div", {}, choices), tail_content];
}

export function groupBubble(item, onQuote) {
  if (item.side === "notice" || item.side === "simulator") return notice(item);
  if (item.side === "person") return memberBubble(item);
  const card = item.side === "push";
  const raised = card && /【上报|【紧急/.test(firstLine(item.text));
  const body = h("div", { class: `bubble ${card ? "card" : "answer"} ${raised ? "raised" : ""}` }, markdown(item.text, store.names));
  const quoteIt = () => onQuote(item);
  const quoting = h("button", { type: "button", class: "quote-it", onclick: quoteIt, title: "引用这条，再 @ 机器人" }, "引用");
  if (card) body.addEventListener("click", (event) => event.target.closest("a") || quoteIt());
  const who = h("p", { class: "who" }, item.author_name, h("i", {}, card ? "消息推送" : "机器人"), h("time", {}, clock(item.at)));
  return h("div", { class: "row theirs" }, avatar("云", "account"), h("div", { class: "words" }, who, body, quoting));
}

function memberBubble(item) {
  const quoted = item.details.quote && h("blockquote", { class: "quoted" }, firstLine(item.details.quote));
  const who = h("p", { class: "who" }, item.author_name, item.details.duty && h("i", {}, item.details.duty), h("time", {}, clock(item.at)));
  const at = item.text.match(/^@\S+ /);
  const words = at ? [h("span", { class: "at" }, at[0]), item.text.slice(at[0].length)] : item.text;
  return h("div", { class: "row mine" }, avatar(item.author_name), h("div", { class: "words" }, who, h("div", { class: "bubble" }, quoted, words)));
}

export function firstLine(text) {
  const line = text.split("\n").find((each) => each.trim()) ?? "";
  return line.replace(/<[^>]*>|[*`>\\]|^#+ /g, "").slice(0, 60);
}
