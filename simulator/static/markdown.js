// The subset of markdown a WeCom group shows: headings, bold, quotes, code, links, font colours, mentions.
import { h } from "./dom.js";

const INLINE = /<font color="(info|comment|warning)">([\s\S]*?)<\/font>|<@([^<>]+)>|\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]+)\]\((https?:[^)\s]+)\)|\\([!-/:-@[-`{-~])|(#\d+)/g;

export function markdown(text, names) {
  const block = h("div", { class: "markdown" });
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = line.match(/^>\s?(.*)$/);
    const heading = line.match(/^(#{1,6})\s+(.*)$/);
    if (quoted) {
      if (!quote) block.append((quote = h("blockquote")));
      quote.append(h("p", {}, inline(quoted[1], names)));
      continue;
    }
    quote = null;
    if (heading) block.append(h("p", { class: "heading" }, inline(heading[2], names)));
    else block.append(h("p", {}, inline(line.replace(/^[-*]\s+/, "· "), names)));
  }
  return block;
}

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(unescaped(text.slice(end, found.index)), node(found, names));
    end = found.index + found[0].length;
  }
  nodes.push(unescaped(text.slice(end)));
  return nodes.filter((each) => each !== "");
}

function node([, colour, coloured, userid, bold, code, label, url, escaped, number], names) {
  if (colour) return h("span", { class: `font-${colour}` }, inline(coloured, names));
  if (userid) return h("span", { class: "at" }, `@${names[userid] ?? userid}`);
  if (bold) return h("b", {}, inline(bold, names));
  if (code) return h("code", {}, code);
  if (label) return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
  if (escaped) return escaped;
  return h("span", { class: "number" }, number);
}

const NAMED = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const unescaped = (text) => text.replace(/&(lt|gt|amp);/g, (entity) => NAMED[entity]);

// Text in the official account: line breaks, addresses, and the <a href> that WeChat allows.
const LINK = /<a href="(https?:[^"]+)">([^<]*)<\/a>|(https?:\/\/[^\s，。；、）]+)/g;

export function withLinks(text) {
  const nodes = [];
  let end = 0;
  for (const [whole, href, label, bare] of text.matchAll(LINK)) {
    const at = text.indexOf(whole, end);
    nodes.push(text.slice(end, at));
    nodes.push(h("a", { href: href ?? bare, target: "_blank", rel: "noopener noreferrer" }, label ?? bare));
    end = at + whole.length;
  }
  return [...nodes, text.slice(end)];
}
