// Tests the console of one machine in a browser: by pointer, by keyboard, without JavaScript, on a phone, in light
// and dark.
//
// Environment, in addition to that of `visit.mjs`: TRIGGER, TRIGGER_NAME and FEED, with the most content.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import {
  accessible, address, at, browser, containsNoSecret, enter, fits, leave, picture, pictures, reachable, step, tabTo,
} from "./visit.mjs";

await step("a browser without the key is refused", async () => {
  const response = await fetch(`${address.origin}/triggers`);
  assert.equal(response.status, 401);
  assert.match(response.headers.get("www-authenticate"), /^Basic realm=/);
  const page = await (await browser.newContext()).newPage();
  await assert.rejects(at(page, "/triggers"), /ERR_INVALID_AUTH_CREDENTIALS/);
  await page.context().close();
});

await step("another port of the machine gets no credential of the console", async () => {
  const received = [];
  const other = createServer((request, response) => {
    received.push(request);
    response.setHeader("content-type", "text/html");
    response.setHeader("www-authenticate", 'Basic realm="feedctl console", charset="UTF-8"');
    response.statusCode = request.url === "/challenge" ? 401 : 200;
    response.end(`<form method="post" action="${address.origin}/triggers/add/create"><button>Send</button></form>`);
  });
  await new Promise((listening) => other.listen(0, "127.0.0.1", listening));
  other.unref();
  const origin = `http://127.0.0.1:${other.address().port}`;
  const page = await (await browser.newContext()).newPage();
  await page.goto(address.href);
  assert.equal((await at(page, "/triggers")).status(), 200);
  assert.deepEqual(await page.context().cookies(), []);
  const challenged = await page.context().newPage();
  await assert.rejects(challenged.goto(`${origin}/challenge`), /ERR_INVALID_AUTH_CREDENTIALS/);
  await challenged.close();
  await page.goto(origin);
  await page.evaluate(async (console) => {
    await fetch("/same-origin", { credentials: "include" });
    await fetch(`${console}/triggers`, { credentials: "include" }).then(() => {
      throw new Error("a page of another port read the console");
    }, () => {});
  }, address.origin);
  assert.ok(received.length >= 3);
  for (const request of received) {
    assert.equal(request.headers.authorization, undefined, request.url);
    assert.equal(request.headers.cookie, undefined, request.url);
  }
  const [refused] = await Promise.all([page.waitForNavigation(), page.getByRole("button").click()]);
  assert.equal(refused.status(), 403);
  assert.equal((await at(page, "/triggers")).status(), 200);
  await page.context().close();
  other.closeAllConnections();
  other.close();
});

const trigger = `/triggers/Spaces-1/${process.env.TRIGGER}`;
const pages = {
  triggers: "/triggers",
  trigger,
  simulation: `${trigger}/simulation`,
  feeds: "/feeds",
  feed: `/feeds/Spaces-1/${process.env.FEED}`,
  projects: "/projects",
  health: "/health",
};

// The addresses of the dialogue's steps, with all earlier choices.
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
      await containsNoSecret(page);
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
    await page.getByText("No matching triggers.").waitFor();
    await at(page, `${trigger}/simulation`);
    await page.getByLabel("Version range").fill("[1.0,1.3)");
    await page.getByRole("button", { name: "Simulate" }).click();
    assert.match(page.url(), /range=%5B1.0%2C1.3%29/);
    await page.getByText("Simulated and actual releases").waitFor();
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
    await page.locator(".decision").getByText("Would create a release").waitFor();
    await tabTo(page, "Evaluate now");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=evaluated/);
    await page.getByText("Evaluated: Release created").waitFor();
    await page.locator(".decision").getByText("Nothing to do").waitFor();
    await accessible(page);
  });
  await page.context().close();
}

{
  const page = await enter({ javaScriptEnabled: false });
  await step("by keyboard and without script: adopt a trigger and return it", async () => {
    await at(page, "/triggers");
    await page.getByLabel("State").selectOption("Run by Octopus");
    await page.getByRole("button", { name: "Filter" }).click();
    await tabTo(page, "Charts, run by Octopus");
    await page.keyboard.press("Enter");
    await page.waitForURL(/ProjectTriggers/);
    await tabTo(page, "Adopt");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=adopted/);
    await page.getByText("This program runs the trigger after the next refresh").waitFor();
    await tabTo(page, "Return to Octopus");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=returned/);
    await page.getByText("Octopus runs the trigger again.").waitFor();
  });
  await step("without script: check a feed now", async () => {
    await at(page, pages.feed);
    await page.getByRole("button", { name: "Check now" }).click();
    await page.waitForURL(/done=checked/);
    await page.getByText("The feed was checked.").waitFor();
  });
  await page.context().close();
}

{
  const page = await enter();
  await at(page, "/triggers?q=run+by+Octopus");
  const own = page.getByRole("link", { name: "Charts, run by Octopus" });
  pages["octopus-trigger"] = await own.getAttribute("href");
  await step("octopus-trigger, light", async () => {
    await at(page, pages["octopus-trigger"]);
    await accessible(page);
    await fits(page);
    await reachable(page);
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
    await page.getByText("The trigger has no source.").waitFor();
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

await leave();
