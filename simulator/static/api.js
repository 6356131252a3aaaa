// The control API of this simulator.

async function call(method, path, body) {
  const answer = await fetch(`/sim/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

const part = encodeURIComponent;

export const state = () => call("GET", "state");
export const residentScreen = (openid) => call("GET", `residents/${part(openid)}/screen`);
export const groupScreen = (chatId) => call("GET", `groups/${part(chatId)}/screen`);
export const newResident = (nickname) => call("POST", "residents", { nickname, following: false });
// The screens tell what came back, so nothing waits here for the bot.
export const push = (openid, action) => call("POST", `residents/${part(openid)}/push`, { wait: false, ...action });
export const expireWindows = (openid) => call("POST", `residents/${part(openid)}/expire-windows`, {});
export const say = (chatId, words) => call("POST", `groups/${part(chatId)}/say`, { wait: false, ...words });
export const buildings = (wanted = "") => call("GET", `buildings?q=${part(wanted)}`);
export const ledger = () => call("GET", "ledger?most=120");
export const addFault = (fault) => call("POST", "faults", fault);
export const removeFault = (id) => call("DELETE", `faults/${id}`);
export const board = () => call("GET", "board");
export const moveClock = (asked) => call("POST", "clock", asked);
export const forget = () => call("POST", "reset", {});

export async function upload(blob) {
  const answer = await fetch("/sim/media", { method: "POST", headers: { "Content-Type": blob.type }, body: blob });
  return (await answer.json()).media;
}

export function live(handlers, onLink) {
  const source = new EventSource("/sim/live");
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  source.onopen = () => onLink(true);
  source.onerror = () => onLink(false);
}
