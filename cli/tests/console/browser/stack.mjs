// Tests the console of a stack: its queues and dead-letter queues, and a redrive by keyboard.
import assert from "node:assert/strict";
import { accessible, at, containsNoSecret, enter, fits, leave, picture, reachable, step, tabTo } from "./visit.mjs";

for (const colorScheme of ["light", "dark"]) {
  const page = await enter({ colorScheme, viewport: { width: 1200, height: 900 } });
  await step(`a stack's health, ${colorScheme}`, async () => {
    await at(page, "/health");
    await page.getByText("Dead-letter queue of checks").waitFor();
    await accessible(page);
    await fits(page);
    await containsNoSecret(page);
    await picture(page, "health-stack", colorScheme, { fullPage: true });
    if (colorScheme === "light") await reachable(page);
  });
  await page.context().close();
}

{
  const page = await enter({ viewport: { width: 390, height: 844 } });
  for (const path of ["/triggers", "/feeds", "/health"]) {
    await step(`a stack's ${path}, phone`, async () => {
      await at(page, path);
      await fits(page);
      await accessible(page);
    });
  }
  await page.context().close();
}

{
  const page = await enter({ javaScriptEnabled: false });
  await step("a stack's feeds show the stack's settings", async () => {
    await at(page, "/feeds");
    await page.getByText("Checked every 5 min").first().waitFor();
  });
  await step("by keyboard and without script: redrive a check", async () => {
    await at(page, "/health");
    await tabTo(page, "Redrive checks");
    await page.keyboard.press("Enter");
    await page.waitForURL(/redriven=checks&done=1&left=0/);
    await page.getByText("Redrove 1 message to the checks queue.").waitFor();
    assert.equal(await page.getByText("Dead-letter queue of checks").count(), 0);
    await page.getByText("Dead-letter queue of releases").waitFor();
  });
  await page.context().close();
}

await leave();
