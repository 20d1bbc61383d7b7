// Keys, and saving after each of them. Without this file every form has its button.
"use strict";
let form = null;
const said = document.getElementById("said");
const trouble = document.getElementById("trouble");
const dialog = document.getElementById("keys");
/* Saves are of who marks: nobody's are stored under another's name. */
const PENDING = `desk:pending:${document.body.dataset.marker}:`;
/* Statuses that the same form would get again. */
const FINAL = [400, 404, 413];
const KEYS_OFF = "desk:keys-off";
const SHUT = "desk:asked-shut";

/* What was chosen or typed stands in the browser until the server has confirmed it. */
const store = {
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* private windows */ } },
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  drop(name) { try { localStorage.removeItem(name); } catch { /* private windows */ } },
  names() { try { return Object.keys(localStorage); } catch { return []; } },
};

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

/* Posts fields; resolves to the page that follows once they are stored, else to null. */
async function post(action, fields) {
  fields.set("csrf", document.body.dataset.csrf);
  try {
    const answer = await fetch(action, { method: "POST", body: fields, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) return { page, status: 200 };
    const why = page.querySelector("main p");
    complain(`Not saved: ${why ? why.textContent : answer.status}`);
    return { page: null, status: answer.status };
  } catch {
    complain("Not saved: the desk doesn't answer. It is tried again; what you typed is kept here.");
    return { page: null, status: 0 };
  }
}

function renew(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh) continue;
    const held = old.contains(document.activeElement) && document.activeElement.dataset.key;
    if (old === said) old.textContent = fresh.textContent;
    else old.replaceWith(document.adoptNode(fresh));
    const again = held && document.querySelector(`#${CSS.escape(fresh.id)} [data-key="${held}"]`);
    if (again) again.focus();
  }
}

/* Saves the whole form: what is newest is sent, one request at a time, until it is confirmed. */
const saver = { running: null, newer: false, timer: 0 };
const PAUSE = 600;

function fields() {
  const made = new URLSearchParams(new FormData(form));
  made.delete("csrf");
  return made;
}

function keep() {
  store.set(PENDING + form.getAttribute("action"), fields().toString());
}

function save() {
  clearTimeout(saver.timer);
  saver.timer = 0;
  keep();
  saver.newer = true;
  saver.running ??= run().finally(() => { saver.running = null; });
  return saver.running;
}

async function run() {
  let wait = 500;
  while (saver.newer) {
    saver.newer = false;
    const sent = fields();
    const { page, status } = await post(form.action, new URLSearchParams(sent));
    if (page) {
      complain("");
      wait = 500;
      const name = PENDING + form.getAttribute("action");
      if (store.get(name) === sent.toString()) store.drop(name);
      if (!saver.newer) renew(page);
    } else if (status >= 400 && status < 500) {
      return;
    } else {
      saver.newer = true;
      await new Promise((resolve) => { setTimeout(resolve, wait); });
      wait = Math.min(2 * wait, 8000);
    }
  }
}

/* A text is sent at a pause, so that undo takes back more than a letter; it is kept at once. */
function saveSoon() {
  keep();
  clearTimeout(saver.timer);
  saver.timer = setTimeout(save, PAUSE);
}

async function saved() {
  if (saver.timer) save();
  if (saver.running) await saver.running;
}

/* What an earlier page or a browser that ended couldn't save is saved now. */
async function saveLeft() {
  if (!document.body.dataset.marker) return;
  for (const name of store.names().filter((one) => one.startsWith(PENDING))) {
    const action = name.slice(PENDING.length);
    const left = store.get(name);
    if (form && action === form.getAttribute("action")) {
      restore(new URLSearchParams(left));
      await save();
    } else {
      const { page, status } = await post(action, new URLSearchParams(left));
      if ((page || FINAL.includes(status)) && store.get(name) === left) store.drop(name);
      if (!page) return;
    }
    said.textContent = "What was typed before and not yet stored is stored now.";
  }
}

function restore(left) {
  const chosen = left.getAll("item");
  for (const box of form.querySelectorAll("[name=item]")) box.checked = chosen.includes(box.value);
  for (const name of ["adjustment", "comment"]) form.elements[name].value = left.get(name) ?? "";
}

function choose(boxes, on) {
  for (const box of boxes) box.checked = on(box);
  tally();
  return save();
}

/* The sum as the server will make it, at once. */
function tally() {
  const sum = document.getElementById("sum");
  const most = parseFloat(sum.dataset.most);
  let total = 0;
  for (const box of form.querySelectorAll("[name=item]:checked")) total += parseFloat(box.dataset.points);
  const more = parseFloat(form.elements.adjustment.value.replace(",", ".")) || 0;
  total = Math.max(Math.min(Math.max(total, 0), most) + more, 0);
  sum.querySelector("b").textContent = String(Math.round(total * 1e6) / 1e6);
}

/* Leaves the page when everything is stored. */
async function go(link) {
  await saved();
  location.assign(link.href);
}

/* Other buttons: the form is sent, then the page is shown as it is now. */
async function act(own, button) {
  await saved();
  const made = new URLSearchParams(new FormData(own, button));
  const { page } = await post(own.action, made);
  if (!page) return;
  complain("");
  const focused = document.activeElement.id || "title";
  document.title = page.title;
  document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  renew(page);
  said.textContent = page.getElementById("said")?.textContent ?? "";
  begin();
  (document.getElementById(focused) ?? document.getElementById("title"))?.focus({ preventScroll: true });
}

function press(key) {
  const digit = form?.querySelector(`[data-digit="${key}"]`);
  if (digit) return choose([digit], (box) => !box.checked);
  const place = document.querySelector(`[data-focus="${key}"]`);
  if (place) return place.focus();
  const found = document.querySelector(`main [data-key="${key}"]`);
  if (found) return found.tagName === "A" ? go(found) : found.click();
  if (key === "u") return document.querySelector("#undo button:enabled")?.click();
  if (key === "/") return document.getElementById("search").focus();
  if (key === "?") return dialog.showModal();
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  const typing = event.target.closest("textarea, select, input:not([type=checkbox], [type=radio])");
  if (event.key === "Escape" && typing) return typing.blur();
  if (event.key === "Enter" && event.target.matches("#adjustment")) event.target.blur();
  if (typing || store.get(KEYS_OFF)) return;
  const before = document.activeElement;
  if (event.key.length === 1 && press(event.key) !== undefined) event.preventDefault();
  // A key that leads into a field is not its first letter.
  if (document.activeElement !== before) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const own = event.target;
  if (own.method !== "post" || own.querySelector("#marker")) return;
  event.preventDefault();
  if (own === form) save(); else act(own, event.submitter);
});

document.addEventListener("input", (event) => {
  if (!form?.contains(event.target)) return;
  tally();
  if (event.target.name === "item") save(); else saveSoon();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const boxes = form ? [...form.querySelectorAll("[name=item]")] : [];
  if (button?.matches("[data-zero]")) choose(boxes, () => false);
  if (button?.matches("[data-all]")) choose(boxes, (box) => "whole" in box.dataset);
  if (button?.id === "help") dialog.showModal();
  const link = event.target.closest("main a, .head a");
  if (link && (saver.running || saver.timer) && !event.ctrlKey && !event.metaKey) { event.preventDefault(); go(link); }
});

/* A frame of a student's content never keeps the keys. */
window.addEventListener("blur", () => {
  setTimeout(() => { if (document.activeElement?.tagName === "IFRAME") window.focus(), document.activeElement.blur(); });
});

window.addEventListener("beforeunload", (event) => { if (saver.running || saver.timer) event.preventDefault(); });

function begin() {
  form = document.getElementById("mark");
  const asked = document.getElementById("asked");
  if (asked) {
    asked.open = !store.get(SHUT);
    asked.addEventListener("toggle", () => { if (asked.open) store.drop(SHUT); else store.set(SHUT, "1"); });
  }
  for (const button of document.querySelectorAll("[data-zero], [data-all], #help")) button.hidden = false;
}

const switched = document.getElementById("keys-on");
switched.checked = !store.get(KEYS_OFF);
switched.addEventListener("change", () => {
  if (switched.checked) store.drop(KEYS_OFF); else store.set(KEYS_OFF, "1");
});
begin();
if (!document.querySelector("[autofocus]")) document.getElementById("title")?.focus({ preventScroll: true });
saveLeft();
