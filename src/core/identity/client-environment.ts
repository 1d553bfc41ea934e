/** What the job's own containers get: variables that lead the usual HDFS clients to the gateway, and one read-only folder. */
import type { SidecarSpec } from './injection.ts'
import { CLIENT_DIRECTORY } from './sidecar-container.ts'

/** Name and value of each variable. Nothing in them is secret, and nothing rests on them: the job may set its own. */
export function clientEnvironment(
  spec: Pick<SidecarSpec, 'gatewayPort'>,
  identity: string,
): ReadonlyMap<string, string> {
  const port = String(spec.gatewayPort)
  return new Map([
    ['HADOOP_CONF_DIR', `${CLIENT_DIRECTORY}/hadoop`],
    // Hadoop clients with simple authentication name themselves; the gateway does not believe it.
    ['HADOOP_USER_NAME', identity],
    ['HDFSCLI_CONFIG', `${CLIENT_DIRECTORY}/hadoop/hdfscli.cfg`],
    // fsspec reads FSSPEC_{protocol}_{argument} for every file system.
    ['FSSPEC_WEBHDFS_HOST', '127.0.0.1'],
    ['FSSPEC_WEBHDFS_PORT', port],
    ['KERBSIDE_WEBHDFS', `http://127.0.0.1:${port}`],
  ])
}
