// Lists a space through Octopus's own client, creates a release in one of its projects, deploys it to an
// environment if one is named, and prints all of it as one JSON document.
//
//   OCTOPUS_URL=… OCTOPUS_API_KEY=… OCTOPUS_SPACE=… node client.mjs PROJECT [RELEASE-COMMAND-AS-JSON [ENVIRONMENT]]
//
// The release command has the properties of the client's `CreateReleaseCommandV1` without space and project.

import octopus from "@octopusdeploy/api-client";

const {
  Client,
  DeploymentRepository,
  PackageRepository,
  ProjectRepository,
  ReleaseRepository,
  ServerTaskWaiter,
  SpaceRepository,
} = octopus;

const [projectName, command = "{}", environment] = process.argv.slice(2);
const spaceName = process.env.OCTOPUS_SPACE ?? "Default";
const client = await Client.create({
  userAgentApp: "feed-triggers-tests",
  instanceURL: process.env.OCTOPUS_URL,
  apiKey: process.env.OCTOPUS_API_KEY,
});

// Resources without a repository in the client are read through links and templates.
const inSpace = (path) => client.request(`~/api/{spaceId}/${path}{?skip,take}`, { spaceName, take: 100 });
const summary = (items, ...fields) =>
  items.map((item) => Object.fromEntries(fields.map((field) => [field, item[field]])));

const spaces = await new SpaceRepository(client).list({ take: 100 });
const projects = await new ProjectRepository(client, spaceName).list({ partialName: projectName });
const project = projects.Items.find((item) => item.Name === projectName);
const channels = await inSpace(`projects/${project.Id}/channels`);
const feeds = await inSpace("feeds");
const triggers = await inSpace(`projects/${project.Id}/triggers`);

const created = await new ReleaseRepository(client, spaceName).create({
  spaceName,
  ProjectName: projectName,
  ...JSON.parse(command),
});
const packages = await new PackageRepository(client, spaceName).list({ take: 100 });
let tasks = [];
if (environment) {
  const deployed = await new DeploymentRepository(client, spaceName).create({
    spaceName,
    ProjectName: projectName,
    ReleaseVersion: created.ReleaseVersion,
    EnvironmentNames: [environment],
  });
  const ids = deployed.DeploymentServerTasks.map((task) => task.ServerTaskId);
  tasks = await new ServerTaskWaiter(client, spaceName).waitForServerTasksToComplete(ids, 100, 10_000);
}
const releases = await inSpace(`projects/${project.Id}/releases`);

console.log(
  JSON.stringify({
    server: await client.getServerInformation(),
    spaces: summary(spaces.Items, "Id", "Name", "IsDefault"),
    projects: summary(projects.Items, "Id", "Name", "Slug"),
    channels: summary(channels.Items, "Id", "Name", "IsDefault"),
    feeds: summary(feeds.Items, "Id", "Name", "FeedType"),
    triggers: summary(triggers.Items, "Id", "Name", "IsDisabled"),
    created,
    packages: summary(packages.Items, "PackageId", "Version"),
    tasks: summary(tasks, "Description", "State", "IsCompleted", "FinishedSuccessfully"),
    releases: summary(releases.Items, "Id", "Version", "ChannelId", "SelectedPackages"),
  }),
);
