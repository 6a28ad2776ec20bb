// Walks through the console as people do: by pointer, by keyboard, without script, on a phone, in light and
// dark. Fails with the first thing that is not as it should be.
//
// In the environment: ADDRESS, the address with the key that `feedctl console` printed; CHROMIUM, the
// browser; TRIGGER and FEED, ids of what has much to show; SCREENSHOTS, a folder for pictures, if they are
// wanted; API_KEY and PASSWORD, which no page may tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const address = new URL(process.env.ADDRESS);
const key = address.searchParams.get("key");
const pictures = process.env.SCREENSHOTS;

const browser = await chromium.launch({
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

async function enter(options) {
  const page = await (await newContext(options)).newPage();
  await page.goto(address.href);
  assert.equal(new URL(page.url()).pathname, "/triggers");
  return page;
}

async function step(name, run) {
  try {
    await run();
    console.log(`ok   ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}\n${error.stack}`);
    process.exitCode = 1;
  }
}

const at = (page, path) => page.goto(new URL(path, address).href);

async function accessible(page) {
  const found = await page.evaluate(`${axe}; axe.run()`);
  const told = found.violations.map((one) =>
    `${one.id}: ${one.help}\n  ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n  ")}`);
  assert.equal(told.length, 0, `${page.url()}\n${told.join("\n")}`);
}

async function fits(page) {
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${page.url()} is ${width} px too wide`);
}

async function picture(page, name, colorScheme) {
  if (!pictures) return;
  await page.screenshot({ path: join(pictures, `console-${name}-${colorScheme}.png`) });
  const chart = page.locator("section[aria-labelledby=times]");
  if (await chart.count()) await chart.screenshot({ path: join(pictures, `console-times-${colorScheme}.png`) });
}

async function silent(page) {
  const text = await page.content();
  for (const secret of secrets) assert.ok(!text.includes(secret), `${page.url()} tells a secret`);
}

// Presses Tab until what is wanted has the focus: by its text, or by how its label begins.
async function tabTo(page, name, most = 80) {
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
async function reachable(page) {
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

await step("a browser that brings no key is not let in", async () => {
  const page = await (await browser.newContext()).newPage();
  const response = await at(page, "/triggers");
  assert.equal(response.status(), 401);
  await accessible(page);
});

const trigger = `/triggers/Spaces-1/${process.env.TRIGGER}`;
const pages = {
  triggers: "/triggers",
  trigger,
  simulation: `${trigger}/simulation`,
  feeds: "/feeds",
  feed: `/feeds/Spaces-1/${process.env.FEED}`,
  health: "/health",
};

// The steps of the dialogue at their addresses, with everything chosen that comes before.
{
  const page = await enter();
  const next = () => page.getByRole("button", { name: "Next" }).click();
  await at(page, "/triggers/add/project?name=Release+the+shop&description=Web+and+api+together");
  await page.getByLabel("Project in which").selectOption("Shop");
  await next();
  await page.getByLabel("Stable").check();
  await next();
  for (const source of ["deploy-web", "deploy-api"]) await page.getByLabel(source).check();
  await next();
  const { search } = new URL(page.url());
  for (const step of ["name", "project", "channel", "sources", "summary"]) {
    pages[`add-${step}`] = `/triggers/add/${step}${search}`;
  }
  pages["add-type"] = "/triggers/add";
  await page.context().close();
}

for (const colorScheme of ["light", "dark"]) {
  const page = await enter({ colorScheme, viewport: { width: 1200, height: 900 } });
  for (const [name, path] of Object.entries(pages)) {
    await step(`${name}, ${colorScheme}`, async () => {
      const response = await at(page, path);
      assert.equal(response.status(), 200);
      assert.match(response.headers()["content-security-policy"], /default-src 'none'/);
      await accessible(page);
      await fits(page);
      await silent(page);
      await picture(page, name, colorScheme);
      if (colorScheme === "light") await reachable(page);
    });
  }
  await page.context().close();
}

{
  const page = await enter({ viewport: { width: 390, height: 844 } });
  for (const [name, path] of Object.entries(pages)) {
    await step(`${name}, phone`, async () => {
      await at(page, path);
      await fits(page);
      await accessible(page);
      if (pictures && ["triggers", "trigger"].includes(name)) {
        await page.screenshot({ path: join(pictures, `console-${name}-phone.png`) });
      }
    });
  }
  await page.context().close();
}

{
  const page = await enter({ javaScriptEnabled: false });
  await step("without script: filter, simulate", async () => {
    await page.getByRole("searchbox").fill("no such trigger");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("No trigger is called so.").waitFor();
    await at(page, `${trigger}/simulation`);
    await page.getByLabel("Version range").fill("[1.0,1.3)");
    await page.getByRole("button", { name: "Simulate" }).click();
    assert.match(page.url(), /range=%5B1.0%2C1.3%29/);
    await page.getByText("Would have been made").waitFor();
    await page.getByLabel("Version range").fill("(((");
    await page.getByRole("button", { name: "Simulate" }).click();
    await page.getByText("These options cannot be used").waitFor();
  });
  await page.context().close();
}

{
  const page = await enter();
  await step("by keyboard: past the navigation, to a trigger, evaluate now", async () => {
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.textContent);
    assert.equal(first, "Skip to content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
    await tabTo(page, process.env.TRIGGER_NAME);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(trigger));
    await page.getByText("A release would be created").waitFor();
    await tabTo(page, "Evaluate now");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=evaluated/);
    await page.getByText("Evaluated: Release created").waitFor();
    await page.getByText("There is nothing to do").waitFor();
    await accessible(page);
  });
  await page.context().close();
}

{
  const page = await enter({ javaScriptEnabled: false });
  await step("by keyboard and without script: add a trigger", async () => {
    await at(page, "/triggers");
    await tabTo(page, "Add trigger");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/triggers\/add(\?|$)/);
    await tabTo(page, "External feed");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add\/name/);
    await tabTo(page, "Name");
    await page.keyboard.type("Charts & more");
    await tabTo(page, "Description");
    await page.keyboard.type("Chosen by keyboard");
    await tabTo(page, "Next");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add\/project/);
    await tabTo(page, "Project in which");
    await page.keyboard.type("Platform");
    await tabTo(page, "Next");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add\/channel/);
    await page.getByText("A new release is deployed").first().waitFor();
    await tabTo(page, "Default");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add\/sources/);
    await tabTo(page, "Next");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add\/summary/);
    await page.getByText("The trigger watches nothing.").waitFor();
    await tabTo(page, "install-chart");
    await page.keyboard.press("Space");
    await tabTo(page, "Next");
    await page.keyboard.press("Enter");
    await page.getByText("a release of Platform is created").waitFor();
    await tabTo(page, "Create trigger");
    await page.keyboard.press("Enter");
    await page.waitForURL(/triggers\?added=/);
    await page.getByText("was created in Octopus").waitFor();
  });
  await page.context().close();
}

await step("nothing to complain about", async () => {
  // The page of somebody who is not let in is an answer of 401, which the browser notes.
  const left = troubles.filter((trouble) => !trouble.includes("401"));
  assert.deepEqual(left, []);
});

await browser.close();
