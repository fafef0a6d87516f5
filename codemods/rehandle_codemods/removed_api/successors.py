"""What takes the place of what Prefect 1.4.1 lacks: known by people, while `removed.json` is made from releases.

A key is a dotted name, `name(parameter)`, or `(parameter)` for every function that has lost it. A value that is a
dotted name takes the key's place at the beginning of longer names; any other is a sentence.
"""

_RUN_CONFIG = "Give the flow a run config from prefect.run_configs, and an executor from prefect.executors"
_SECRET = "Make a PrefectSecret task in the flow, and give its value to the task's run"
_CLOUD = "Use the functions of prefect.tasks.prefect and prefect.backend instead"

SUCCESSORS = {
    # Storages, environments and executors
    "prefect.environments": _RUN_CONFIG,
    "prefect.environments.storage": "prefect.storage",
    "prefect.environments.storage.Bytes": "Use prefect.storage.Local",
    "prefect.environments.storage.Memory": "Use prefect.storage.Local",
    "prefect.environments.storage.bytes": "Use prefect.storage.Local",
    "prefect.environments.storage.memory": "Use prefect.storage.Local",
    "prefect.environments.DaskKubernetesEnvironment": "Use prefect.run_configs.KubernetesRun, and a DaskExecutor with "
    "a KubeCluster of dask-kubernetes as its cluster_class",
    "prefect.environments.DaskCloudProviderEnvironment": "Use prefect.run_configs.ECSRun, and a DaskExecutor with a "
    "FargateCluster of dask-cloudprovider as its cluster_class",
    "prefect.environments.FargateTaskEnvironment": "prefect.run_configs.ECSRun",
    "prefect.environments.KubernetesJobEnvironment": "prefect.run_configs.KubernetesRun",
    "prefect.environments.LocalEnvironment": "Use prefect.run_configs.LocalRun, and set flow.executor",
    "prefect.environments.RemoteEnvironment": "Use prefect.run_configs.UniversalRun, and set flow.executor",
    "prefect.environments.RemoteDaskEnvironment": "Use prefect.run_configs.UniversalRun, and a DaskExecutor with the "
    "cluster's address as flow.executor",
    "prefect.Flow.environment": "Set flow.run_config and flow.executor",
    "prefect.Flow(environment)": "Write run_config= and executor=",
    "prefect.Flow.deploy": "Write flow.register(project_name)",
    "prefect.Client.deploy": "Write client.register(flow, project_name)",
    "prefect.engine.executors.SynchronousExecutor": "Use prefect.executors.LocalDaskExecutor with "
    'scheduler="synchronous"',
    "prefect.engine.executors.sync": 'Use prefect.executors.LocalDaskExecutor with scheduler="synchronous"',
    "prefect.engine.executors.base": "prefect.executors.base",
    "prefect.engine.executors.ray": "Use prefect.executors.DaskExecutor: nothing else takes the place of Ray",
    "(local_processes)": 'Write cluster_kwargs={"processes": True}',
    "prefect.engine.executors.dask.DaskExecutor.local_processes": "Look at cluster_kwargs",
    # Agents
    "prefect.agent.fargate": "prefect.agent.ecs",
    "prefect.agent.nomad": "Use another agent: nothing takes the place of Nomad's",
    "prefect.agent.kubernetes.resource_manager": "Delete it: the agent cleans up its jobs",
    "prefect.agent.kubernetes.ResourceManager": "Delete it: the agent cleans up its jobs",
    "(resource_manager_enabled)": "Delete it: the agent cleans up its jobs",
    "(docker_interface)": "Delete it: the agent finds the network",
    "(network)": "Write networks= with a list",
    "(storage_labels)": "Give the labels to the agent and to the flow's run config",
    "(api_token)": "Write api_key= with a service account's key",
    "prefect.Client.get_auth_token": "Use an API key: client.api_key",
    "prefect.Client.save_api_token": "Use an API key: client.save_auth_to_disk()",
    "prefect.Client.login_to_tenant": "Write client.switch_tenant(...)",
    "prefect.Client.logout_from_tenant": "Write client.switch_tenant(...)",
    "prefect.Client.active_tenant_id": "Write client.tenant_id",
    "prefect.Client.write_run_log": "Write client.write_run_logs([...])",
    "prefect.Client.update_task_run_heartbeat": "Delete it: flow runs alone have a heartbeat",
    # Tasks
    "prefect.core.task.Parameter": "prefect.Parameter",
    "prefect.utilities.tasks.unmapped": "prefect.unmapped",
    "prefect.tasks.secrets.Secret": "prefect.tasks.secrets.PrefectSecret",
    "prefect.tasks.secrets.base.Secret": "prefect.tasks.secrets.PrefectSecret",
    "prefect.tasks.secrets.EnvVarSecret(env_var)": "Write name=",
    "prefect.tasks.secrets.env_var.EnvVarSecret(env_var)": "Write name=",
    "prefect.tasks.google": "prefect.tasks.gcp",
    "prefect.tasks.cloud": "Use create_flow_run and wait_for_flow_run of prefect.tasks.prefect",
    "prefect.tasks.prefect.FlowRunTask": "prefect.tasks.prefect.StartFlowRun",
    "prefect.tasks.prefect.flow_run.FlowRunTask": "prefect.tasks.prefect.StartFlowRun",
    "prefect.tasks.prefect.CancelFlowRunTask": "prefect.tasks.prefect.CancelFlowRun",
    "prefect.tasks.prefect.flow_run_cancel.CancelFlowRunTask": "prefect.tasks.prefect.CancelFlowRun",
    "prefect.tasks.prefect.RenameFlowRunTask": "prefect.tasks.prefect.RenameFlowRun",
    "prefect.tasks.prefect.flow_run_rename.RenameFlowRunTask": "prefect.tasks.prefect.RenameFlowRun",
    "prefect.tasks.great_expectations.RunGreatExpectationsCheckpoint": "prefect.tasks.great_expectations."
    "RunGreatExpectationsValidation",
    "prefect.tasks.great_expectations.checkpoints.RunGreatExpectationsCheckpoint": "prefect.tasks.great_expectations."
    "RunGreatExpectationsValidation",
    "prefect.tasks.airflow": "Use airflow's own command in a prefect.tasks.shell.ShellTask",
    "prefect.contrib.tasks": "prefect.tasks",
    "prefect.tasks.gcp.bigquery.get_client": "prefect.utilities.gcp.get_bigquery_client",
    "(credentials_secret)": _SECRET,
    "(aws_credentials_secret)": _SECRET,
    "(encryption_key_secret)": _SECRET,
    "(access_token_secret)": _SECRET,
    "(sendgrid_secret)": _SECRET,
    "(token_secret)": _SECRET,
    "(job_status_pool_interval)": "Write job_status_poll_interval=",
    "(connection_string)": "Write connection_string_secret= with the name of a secret",
    "prefect.tasks.postgres.PostgresExecute(password)": "Give the password to the task's run",
    "prefect.tasks.postgres.PostgresFetch(password)": "Give the password to the task's run",
    "(convert_constants)": "Delete it: constants are converted where they are used",
    # Schedules, states, exceptions
    "prefect.schedules.OneTimeSchedule": "Write Schedule(clocks=[DatesClock([start_date])])",
    "prefect.schedules.schedules.OneTimeSchedule": "Write Schedule(clocks=[DatesClock([start_date])])",
    "prefect.schedules.UnionSchedule": "Write one Schedule with the clocks of all",
    "prefect.schedules.schedules.UnionSchedule": "Write one Schedule with the clocks of all",
    "prefect.engine.state.Aborted": "prefect.engine.state.Cancelled",
    "prefect.utilities.exceptions": "Use the exceptions of prefect.exceptions and prefect.engine.signals",
    "prefect.utilities.exceptions.PrefectError": "prefect.exceptions.PrefectException",
    "prefect.utilities.exceptions.ClientError": "prefect.exceptions.ClientError",
    "prefect.utilities.exceptions.AuthorizationError": "prefect.exceptions.AuthorizationError",
    "prefect.utilities.exceptions.StorageError": "prefect.exceptions.FlowStorageError",
    "prefect.utilities.exceptions.TaskTimeoutError": "prefect.exceptions.TaskTimeoutSignal",
    "prefect.utilities.exceptions.VersionLockError": "prefect.exceptions.VersionLockMismatchSignal",
    # Settings
    "prefect.config.engine.result_handler": "Give each flow its Result, and delete this",
    "prefect.config.engine.executor.dask.local_processes": "Give the DaskExecutor cluster_kwargs, and delete this",
    "prefect.config.logging.log_to_cloud": "prefect.config.cloud.send_flow_run_logs",
    "prefect.config.server.ui.graphql_url": "prefect.config.server.ui.apollo_url",
    "prefect.config.tasks.defaults.checkpoint": "Delete this: what has a Result is stored where "
    "flows.checkpointing is on, unless the task says checkpoint=False",
    # Inside Prefect
    "prefect.engine.cloud.utilities": _CLOUD,
    "prefect.get_versions": "Write prefect.__version__",
    "prefect.utilities.executors.main_thread_timeout": "prefect.utilities.executors.run_with_thread_timeout",
    "prefect.utilities.executors.multiprocessing_timeout": "prefect.utilities.executors.run_with_multiprocess_timeout",
    "prefect.utilities.executors.timeout_handler": "prefect.utilities.executors.run_task_with_timeout",
    "prefect.utilities.executors.Heartbeat": "Delete it: flow runs have a heartbeat of their own",
    "(use_session)": "Delete it: a session is always used",
}
