// Everything shown is built from nodes and text, never from HTML strings: what people wrote stays text.

export const $ = (id) => document.getElementById(id);

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const HUES = ["teal", "amber", "blue", "rose", "violet", "green"];

export function avatar(name, kind = "") {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return h("span", { class: `avatar ${kind || HUES[sum % HUES.length]}`, ariaHidden: "true" }, [...name][0] ?? "·");
}

// Keeps the newest line in view unless the reader has scrolled up.
export function appendAtEnd(list, ...nodes) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  list.append(...nodes);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

export function growing(textarea, form) {
  const fit = () => {
    textarea.style.height = "auto";
    const borders = textarea.offsetHeight - textarea.clientHeight;
    textarea.style.height = `${Math.min(textarea.scrollHeight + borders, 120)}px`;
  };
  textarea.addEventListener("input", fit);
  textarea.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return () => { textarea.value = ""; fit(); };
}

export function toast(text, label, act) {
  const line = h("div", { class: "toast" }, h("span", {}, text));
  const close = () => line.remove();
  if (label) line.append(h("button", { type: "button", onclick: () => { act(); close(); } }, label));
  const box = $("toasts");
  while (box.children.length > 2) box.firstChild.remove();
  box.append(line);
  setTimeout(close, 9000);
}
