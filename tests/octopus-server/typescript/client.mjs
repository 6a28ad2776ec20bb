// Lists a space through Octopus's own client, creates a release in one of its projects, and
// prints all of it as one JSON document.
//
//   OCTOPUS_URL=… OCTOPUS_API_KEY=… OCTOPUS_SPACE=… node client.mjs PROJECT [RELEASE-COMMAND-AS-JSON]
//
// The release command has the properties of the client's `CreateReleaseCommandV1` without space and project.

import octopus from "@octopusdeploy/api-client";

const { Client, ProjectRepository, ReleaseRepository, SpaceRepository } = octopus;

const [projectName, command = "{}"] = process.argv.slice(2);
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
    releases: summary(releases.Items, "Id", "Version", "ChannelId", "SelectedPackages"),
  }),
);
