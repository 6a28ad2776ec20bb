"""Reads spaces, projects, channels, feeds, releases, packages, users, tasks and empty lists with the client generated from Octopus's swagger description.

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

packages = octopus.PackagesApi(
    client
).custom_action_response_descriptor_octopus_server_web_api_actions_package_repository_package_repository_list_action_spaces(
    space
)
users = octopus.UsersApi(client).index_response_descriptor_users_user_user_resource()
tasks = octopus.TasksApi(client).custom_query_response_descriptor_octopus_server_web_api_actions_list_tasks_responder()
tenants = octopus.TenantsApi(client).list_all_response_descriptor_tenants_tenant_tenant_resource_spaces(space)
groups = octopus.ProjectGroupsApi(
    client
).list_all_response_descriptor_projects_project_group_project_group_resource_spaces(space)
pools = octopus.WorkerPoolsApi(
    client
).list_all_response_descriptor_worker_pools_worker_pool_worker_pool_resource_spaces(space)
targets = octopus.MachinesApi(
    client
).list_all_response_descriptor_machines_deployment_targets_deployment_target_deployment_target_resource_spaces(space)

print(
    json.dumps(
        {
            "spaces": [one.name for one in spaces.items],
            "projects": [one.name for one in projects.items],
            "channels": [one.name for one in channels.items],
            "feeds": [one.name for one in feeds.items],
            "releases": [one.version for one in releases.items],
            "packages": [[one.package_id, one.version] for one in packages.items],
            "users": [one.username for one in users.items],
            "tasks": [one.state for one in tasks.items],
            "empty": [len(tenants), len(groups), len(pools), len(targets)],
        }
    )
)
