// Walks through the console of one machine as people do: by pointer, by keyboard, without script, on a phone,
// in light and dark. Fails with the first thing that is not as it should be.
//
// In the environment, besides what `visit.mjs` reads: TRIGGER and FEED, ids of what has much to show.
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  accessible, at, browser, enter, fits, leave, picture, pictures, reachable, silent, step, tabTo,
} from "./visit.mjs";

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

await leave();
