"""Reads spaces, projects, channels, feeds and releases with the client generated from Octopus's swagger description.

The generated models refuse documents without a required field. Prints what was read as JSON.
"""

import json
import os

import octopus_deploy_swagger_client as octopus

configuration = octopus.Configuration()
configuration.host = os.environ["OCTOPUS_URL"]
configuration.api_key["X-Octopus-ApiKey"] = os.environ["OCTOPUS_API_KEY"]
client = octopus.ApiClient(configuration)

spaces = octopus.SpacesApi(client).index_response_descriptor_spaces_space_space_resource()
space = spaces.items[0].id
projects = octopus.ProjectsApi(client).index_response_descriptor_projects_project_project_resource_spaces(space)
channels = octopus.ChannelsApi(client).index_response_descriptor_projects_channel_channel_resource_spaces(space)
feeds = octopus.FeedsApi(client).octopus_server_web_api_feeds_feed_index_descriptor_spaces(space)
releases = octopus.ReleasesApi(client).index_response_descriptor_projects_release_release_resource_spaces(space)

print(
    json.dumps(
        {
            "spaces": [one.name for one in spaces.items],
            "projects": [one.name for one in projects.items],
            "channels": [one.name for one in channels.items],
            "feeds": [one.name for one in feeds.items],
            "releases": [one.version for one in releases.items],
        }
    )
)
