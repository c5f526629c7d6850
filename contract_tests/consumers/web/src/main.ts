/** The page: what is shown, and what keys and buttons do. */

import { UserStatus, type User } from "../gen/api/user/v1/user_pb.js";
import type { UserEvent } from "../gen/api/user/v1/user_event_pb.js";
import { follow } from "./live.js";
import { create, page, problemOf, rename, usersAt } from "./users.js";

const DEFAULT_EDGE = `${location.protocol}//${location.hostname}:8080`;
const MOST_EVENTS = 50;

const users = usersAt(new URLSearchParams(location.search).get("edge") ?? DEFAULT_EDGE);
const rows = new Map<string, HTMLTableRowElement>();
let next = "";
let key = crypto.randomUUID();

function element<T extends HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Do something, and show what went wrong where it went wrong. */
async function attempt(form: HTMLElement | undefined, work: () => Promise<void>): Promise<void> {
  element("#problem").textContent = "";
  const places = form?.querySelectorAll<HTMLElement>("[data-field]") ?? [];
  for (const place of places) place.textContent = "";
  try {
    await work();
  } catch (error) {
    const problem = problemOf(error);
    const shown = [...places].filter((place) => problem.fields.has(place.dataset.field ?? ""));
    for (const place of shown) place.textContent = problem.fields.get(place.dataset.field ?? "") ?? "";
    if (shown.length === 0) {
      element("#problem").textContent = `${problem.reason || problem.code}: ${problem.message}`;
    }
  }
}

function show(user: User): void {
  const row = rows.get(user.userId) ?? document.createElement("tr");
  const status = UserStatus[user.status]?.toLowerCase() ?? `status ${user.status}`;
  row.dataset.user = user.userId;
  const edited = row.contains(document.activeElement) ? row.lastElementChild : null;
  row.replaceChildren(
    ...[user.displayName, user.email, status].map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }),
    edited ?? changing(user), // what somebody is typing stays
  );
  if (!rows.has(user.userId)) {
    rows.set(user.userId, row);
    element("#users").append(row);
  }
}

function changing(user: User): HTMLTableCellElement {
  const cell = document.createElement("td");
  const form = document.createElement("form");
  const name = document.createElement("input");
  const save = document.createElement("button");
  name.value = user.displayName;
  name.name = "displayName";
  name.setAttribute("aria-label", `New name of ${user.displayName}`);
  save.textContent = "Rename";
  form.append(name, save);
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    void attempt(undefined, async () => show(await rename(users, user.userId, name.value)));
  });
  cell.append(form);
  return cell;
}

function tell(event: UserEvent): void {
  const what = event.event;
  const line = document.createElement("li");
  if (what.case === "userCreated" && what.value.user) {
    line.textContent = `${what.value.user.displayName} was created`;
    show(what.value.user);
  } else if (what.case === "userUpdated" && what.value.user) {
    const paths = what.value.updatedFields?.paths.join(", ") ?? "";
    line.textContent = `${what.value.user.displayName} changed: ${paths}`;
    show(what.value.user);
  } else if (what.case === "userDeleted") {
    line.textContent = `${what.value.userId} was deleted`;
    rows.get(what.value.userId)?.remove();
    rows.delete(what.value.userId);
  } else {
    return; // a kind that this console does not know
  }
  const events = element("#events");
  events.prepend(line);
  while (events.childElementCount > MOST_EVENTS) events.lastElementChild?.remove();
}

async function more(): Promise<void> {
  const found = await page(users, next);
  found.users.forEach(show);
  next = found.next;
  element("#more").hidden = next === "";
}

element<HTMLFormElement>("#new").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const form = element<HTMLFormElement>("#new");
  const said = new FormData(form);
  void attempt(form, async () => {
    show(await create(users, String(said.get("email")), String(said.get("displayName")), key));
    key = crypto.randomUUID();
    form.reset();
  });
});
element("#more").addEventListener("click", () => void attempt(undefined, more));

const leaving = new AbortController();
addEventListener("pagehide", () => leaving.abort());
const connection = (state: string): void => {
  element("#connection").textContent = state;
};
void follow(users, { event: tell, connection }, leaving.signal);
void attempt(undefined, more);
