/** What the console promises to those who use it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { rest, start } from "./page.mjs";

let world;
let number = 0;
before(async () => { world = await start(); });
after(async () => {
  await world.close();
  assert.deepEqual(world.errors, []);
});

const unique = (name) => `${name}-${Date.now()}-${number++}`;
const made = (name) => rest("POST", "/v1/users", { userId: name, email: `${name}@example.org`, displayName: name });

test("lists users, page by page", async () => {
  const names = Array.from({ length: 25 }, (_, n) => unique(`aa-list-${String(n).padStart(2, "0")}`));
  for (const name of names) await made(name);
  const page = await world.open();
  await page.getByRole("button", { name: "More" }).click();
  await page.locator(`[data-user="${names[24]}"]`).waitFor();
  assert.equal(await page.locator(`[data-user="${names[0]}"]`).count(), 1);
});

test("creates a user from the keyboard alone", async () => {
  const page = await world.open();
  const name = unique("typed");
  await page.keyboard.press("Tab");
  await page.keyboard.type(`${name}@example.org`);
  await page.keyboard.press("Tab");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await page.getByRole("cell", { name, exact: true }).waitFor();
  await page.getByText(`${name} was created`).waitFor();
});

test("shows at each field what is wrong with it", async () => {
  const page = await world.open();
  await page.getByLabel("Email").fill("nobody");
  await page.getByLabel("Name", { exact: true }).fill("x");
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("#new-email", { hasText: "valid email" }).waitFor();
  assert.equal(await page.locator("#new-name").textContent(), "");
});

test("names the reason of an error that no field has", async () => {
  const name = unique("taken");
  await made(name);
  const page = await world.open();
  await page.getByLabel("Email").fill(`${name}@example.org`);
  await page.getByLabel("Name", { exact: true }).fill("x");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").filter({ hasText: "EMAIL_TAKEN" }).waitFor();
});

test("renames a user, and others see it live", async () => {
  const name = unique("aa-edit");
  const [mine, yours] = [await world.open(), await world.open()];
  await made(name);
  await mine.getByLabel(`New name of ${name}`).fill(`${name} new`);
  await mine.getByLabel(`New name of ${name}`).press("Enter");
  await yours.getByText(`${name} new changed: display_name`).waitFor();
  await yours.getByRole("cell", { name: `${name} new`, exact: true }).waitFor();
});

test("misses nothing while the connection is lost, and tells nothing twice", async () => {
  const page = await world.open();
  const [first, lost] = [unique("first"), unique("lost")];
  await made(first);
  await page.getByText(`${first} was created`).waitFor();
  world.edge.cut();
  await page.getByText("reconnecting", { exact: true }).waitFor();
  await made(lost);
  world.edge.mend();
  await page.getByText(`${lost} was created`).waitFor();
  await page.getByText("live", { exact: true }).waitFor();
  for (const name of [first, lost]) assert.equal(await page.getByText(`${name} was created`).count(), 1);
});

test("takes deleted users off the list", async () => {
  const name = unique("aa-gone");
  const page = await world.open();
  await made(name);
  await page.locator(`[data-user="${name}"]`).waitFor();
  await rest("DELETE", `/v1/users/${name}`);
  await page.getByText(`${name} was deleted`).waitFor();
  assert.equal(await page.locator(`[data-user="${name}"]`).count(), 0);
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
});
