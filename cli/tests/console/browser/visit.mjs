// Shared by the console's browser tests: the browser, named steps, and the checks of every page.
//
// Environment: ADDRESS, the address that `feedctl console` printed, with the key as its password; CHROMIUM, the
// browser; SCREENSHOTS, a folder for screenshots (optional); API_KEY and PASSWORD, which no page may contain.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const address = new URL(process.env.ADDRESS);
const key = address.password;
export const pictures = process.env.SCREENSHOTS;

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update"],
});

const problems = [];
const secrets = [key, process.env.API_KEY, process.env.PASSWORD].filter(Boolean);

// A new browser context that records console errors and requests to other origins.
async function newContext(options) {
  const context = await browser.newContext(options);
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`${page.url()}: ${error}`));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== address.origin) problems.push(`asked ${request.url()}`);
    });
  });
  return context;
}

export async function enter(options) {
  const page = await (await newContext(options)).newPage();
  await page.goto(address.href);
  assert.equal(page.url(), `${address.origin}/triggers`);
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

export const at = (page, path) => page.goto(new URL(path, address.origin).href);

export async function accessible(page) {
  const found = await page.evaluate(`${axe}; axe.run()`);
  const violations = found.violations.map((one) =>
    `${one.id}: ${one.help}\n  ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n  ")}`);
  assert.equal(violations.length, 0, `${page.url()}\n${violations.join("\n")}`);
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

export async function containsNoSecret(page) {
  const text = await page.content();
  for (const secret of secrets) assert.ok(!text.includes(secret), `${page.url()} contains a secret`);
}

// Presses Tab until the element with this text, or with a label that starts with it, has the focus.
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

// Tabs through the page: every usable element gets the focus and shows it.
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
    assert.ok(is.shown, `${page.url()}: the focus is invisible: ${is.what}`);
  }
  const left = await page.evaluate(() => {
    const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    // Tab reaches the checked radio button of a group; arrow keys reach the others.
    const isReached = (one) => one.dataset.reached
      || (one.type === "radio" && document.querySelector(`[name="${one.name}"][data-reached]`));
    const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility() && !one.disabled);
    return all.filter((one) => !isReached(one)).map((one) => one.outerHTML.slice(0, 120));
  });
  assert.deepEqual(left, [], `${page.url()}: not reached by keyboard`);
}

// Reports the recorded problems and closes the browser.
export async function leave() {
  await step("no console errors and no requests to other origins", async () => {
    // The browser logs the response 401 of the page for unauthenticated requests.
    const left = problems.filter((problem) => !problem.includes("401"));
    assert.deepEqual(left, []);
  });
  await browser.close();
}
