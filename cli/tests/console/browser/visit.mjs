// What whoever visits the console needs: a browser, steps that are told of, and what holds for every page.
//
// In the environment: ADDRESS, the address with the key that `feedctl console` printed; CHROMIUM, the
// browser; SCREENSHOTS, a folder for pictures, if they are wanted; API_KEY and PASSWORD, which no page may
// tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const address = new URL(process.env.ADDRESS);
const key = address.searchParams.get("key");
export const pictures = process.env.SCREENSHOTS;

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update"],
});

const troubles = [];
const secrets = [key, process.env.API_KEY, process.env.PASSWORD].filter(Boolean);

// A browser of its own, which notes whatever it complains about and whatever it asks of others.
async function newContext(options) {
  const context = await browser.newContext(options);
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) troubles.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => troubles.push(`${page.url()}: ${error}`));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== address.origin) troubles.push(`asked ${request.url()}`);
    });
  });
  return context;
}

export async function enter(options) {
  const page = await (await newContext(options)).newPage();
  await page.goto(address.href);
  assert.equal(new URL(page.url()).pathname, "/triggers");
  return page;
}

export async function step(name, run) {
  try {
    await run();
    console.log(`ok   ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}\n${error.stack}`);
    process.exitCode = 1;
  }
}

export const at = (page, path) => page.goto(new URL(path, address).href);

export async function accessible(page) {
  const found = await page.evaluate(`${axe}; axe.run()`);
  const told = found.violations.map((one) =>
    `${one.id}: ${one.help}\n  ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n  ")}`);
  assert.equal(told.length, 0, `${page.url()}\n${told.join("\n")}`);
}

export async function fits(page) {
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${page.url()} is ${width} px too wide`);
}

export async function picture(page, name, colorScheme, options = {}) {
  if (!pictures) return;
  await page.screenshot({ path: join(pictures, `console-${name}-${colorScheme}.png`), ...options });
  const chart = page.locator("section[aria-labelledby=times]");
  if (await chart.count()) await chart.screenshot({ path: join(pictures, `console-times-${colorScheme}.png`) });
}

export async function silent(page) {
  const text = await page.content();
  for (const secret of secrets) assert.ok(!text.includes(secret), `${page.url()} tells a secret`);
}

// Presses Tab until what is wanted has the focus: by its text, or by how its label begins.
export async function tabTo(page, name, most = 80) {
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { labels, textContent } = document.activeElement;
      return labels?.length ? { label: labels[0].textContent.trim() } : { text: textContent.trim() };
    });
    if (focused.text === name || focused.label?.startsWith(name)) return;
  }
  assert.fail(`${name} cannot be reached by keyboard on ${page.url()}`);
}

// Goes through the whole page by Tab: whatever can be used gets the focus, and shows it.
export async function reachable(page) {
  await page.evaluate(() => document.activeElement?.blur());
  for (let press = 0; press < 300; press += 1) {
    await page.keyboard.press("Tab");
    const is = await page.evaluate(() => {
      const here = document.activeElement;
      if (!here || here === document.body || here.dataset.reached) return { end: true };
      here.dataset.reached = "yes";
      const { outlineStyle, outlineWidth } = getComputedStyle(here);
      return { shown: outlineStyle !== "none" && outlineWidth !== "0px", what: here.outerHTML.slice(0, 120) };
    });
    if (is.end) break;
    assert.ok(is.shown, `${page.url()}: nobody sees that this has the focus: ${is.what}`);
  }
  const left = await page.evaluate(() => {
    const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    // Of choices that exclude each other the chosen one is reached, and the others by the arrows.
    const isReached = (one) => one.dataset.reached
      || (one.type === "radio" && document.querySelector(`[name="${one.name}"][data-reached]`));
    const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility() && !one.disabled);
    return all.filter((one) => !isReached(one)).map((one) => one.outerHTML.slice(0, 120));
  });
  assert.deepEqual(left, [], `${page.url()}: not reached by keyboard`);
}

// Says whether a browser had anything to complain about, and ends.
export async function leave() {
  await step("nothing to complain about", async () => {
    // The page of somebody who is not let in is an answer of 401, which the browser notes.
    const left = troubles.filter((trouble) => !trouble.includes("401"));
    assert.deepEqual(left, []);
  });
  await browser.close();
}
