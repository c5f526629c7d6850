/** The console in a real browser, with a wire to the edge that can be cut. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

async function listening(server) {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return server.address().port;
}

/** A TCP proxy to the edge: `cut` ends every connection, and refuses new ones until `mend`. */
async function wire(edge) {
  const [host, port] = edge.split(":");
  const open = new Set();
  let whole = true;
  const server = net.createServer((near) => {
    if (!whole) return near.destroy();
    const far = net.connect(Number(port), host);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => { open.delete(one); other.destroy(); });
    }
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  const cut = () => { whole = false; for (const socket of open) socket.destroy(); };
  return { url, cut, mend: () => { whole = true; }, close: () => { cut(); server.close(); } };
}

async function site() {
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, "http://x").pathname.slice(1) || "index.html";
    const content = await readFile(DIST + name).catch(() => null);
    response.writeHead(content ? 200 : 404, { "content-type": TYPES[name.split(".").pop()] ?? "text/plain" });
    response.end(content ?? "");
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, close: () => server.close() };
}

export async function start() {
  const edge = await wire(process.env.EDGE);
  const pages = await site();
  const browser = await chromium.launch({ executablePath: BROWSERS.find(existsSync), args: FLAGS });
  const errors = [];
  const open = async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${pages.url}/?edge=${encodeURIComponent(edge.url)}`);
    await page.getByText("live", { exact: true }).waitFor();
    return page;
  };
  const close = async () => { await browser.close(); pages.close(); edge.close(); };
  return { open, close, edge, errors };
}

/** Ask the service directly, over REST. */
export async function rest(method, path, body) {
  const options = { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) };
  const reply = await fetch(`http://${process.env.EDGE}${path}`, options);
  return reply.json();
}
