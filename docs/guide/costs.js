// The monthly costs of a stack. The guide's page uses this formula, and a test compares the page's table with it.

// Per month: minutes, hours, and the idle polls of three queues' pollers.
const MINUTES = 43800;
const HOURS_A_YEAR = 8760;
const IDLE_POLLS = 4 * 657000;

/** US dollars a month for each service, by list prices of us-east-1 as of September 2026. */
function costs({ feeds, packages, minutes, batch = 2, alarms = true }) {
  const checks = (feeds * MINUTES) / minutes;
  const batches = checks / batch;
  const parts = {
    Lambda: 0.2e-6 * (MINUTES + batches) + 13.3334e-6 * (batches * 0.5 * 0.3 + MINUTES * 0.25 * 0.15),
    EventBridge: 1e-6 * checks,
    SQS: 0.4e-6 * Math.max(0, checks + 2 * batches + IDLE_POLLS - 1e6),
    DynamoDB: 0.125e-6 * (checks * (packages + 1) + 10 * MINUTES) + 0.625e-6 * (2 * MINUTES + 12 * HOURS_A_YEAR),
    logs: 0.5e-6 * (batches * 1 + checks * 0.6 + MINUTES * 1.6),
    secret: 0.4 + 0.22,
    metrics: 0.3 * 26,
    alarms: alarms ? 0.1 * 27 : 0,
  };
  const sum = Object.values(parts).reduce((all, one) => all + one, 0);
  return { checks, parts, sum };
}

/** The calculator, in the element that is there for it. */
function show(page) {
  page.innerHTML = `
    <form>
      <p><label>Feeds <input name="feeds" type="number" min="1" value="50"></label>
      <p><label>Packages of each <input name="packages" type="number" min="1" value="10"></label>
      <p><label>Minutes between two checks <input name="minutes" type="number" min="1" value="1"></label>
      <p><label><input name="alarms" type="checkbox" checked> with alarms</label>
    </form>
    <table aria-live="polite"><tbody></tbody></table>`;
  const form = page.querySelector("form");
  const number = (name) => Math.max(1, Number(form.elements[name].value) || 1);
  const row = (name, value) => `<tr><td>${name}</td><td align="right">${value}</td></tr>`;
  const update = () => {
    const { checks, parts, sum } = costs({
      feeds: number("feeds"),
      packages: number("packages"),
      minutes: number("minutes"),
      alarms: form.elements.alarms.checked,
    });
    const rows = Object.entries(parts).map(([name, cost]) => row(name, cost.toFixed(2)));
    page.querySelector("tbody").innerHTML =
      row("checks a month", Math.round(checks).toLocaleString("en")) +
      rows.join("") +
      row("<strong>sum</strong>", `<strong>${sum.toFixed(2)}</strong>`);
  };
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  update();
}

if (typeof module !== "undefined") {
  module.exports = { costs };
} else {
  show(document.getElementById("costs"));
}
