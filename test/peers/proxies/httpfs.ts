/** HttpFS 3.4.2 from Maven, in front of the lab's HDFS: clients say by `user.name` who they are, and it acts for them. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jarSet, mavenJars, mavenJarsFolder } from '../../lab/build/maven.ts'
import { debianPackages } from '../../lab/debian.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabFolder, Progress } from '../../lab/part.ts'
import { configuration, PROXY_USER } from './impersonation.ts'
import { makeProxyFolder, type ProxyProcess, READY_ANSWER_MS, startProxy } from './proxy-process.ts'

const HERE = join(import.meta.dirname, 'httpfs')
const HTTPFS = jarSet('httpfs', HERE)
const PORT = 14_000

/** Put a path behind it. */
export const HTTPFS_BASE = `http://127.0.0.1:${PORT}/webhdfs/v1`

/** Outside: into the lab's cache. */
export async function fetchHttpFs(folder: LabFolder, progress: Progress): Promise<void> {
  await debianPackages(folder, progress, { java: 'openjdk-17-jre-headless' })
  await mavenJars(folder, progress, HTTPFS)
}

/** Inside. Needs `allowImpersonation`. */
export function startHttpFs(lab: Lab): Promise<ProxyProcess> {
  const home = makeProxyFolder(lab, 'httpfs')
  const conf = join(home, 'conf')
  for (const name of ['conf', 'log', 'temp']) mkdirSync(join(home, name), { recursive: true })
  for (const name of ['hdfs-site.xml', 'ssl-client.xml', 'log4j.properties']) {
    copyFileSync(join(lab.files.hadoopConf, name), join(conf, name))
  }
  // The lab's web servers ask for Kerberos; this one is to take a name.
  const core = readFileSync(join(lab.files.hadoopConf, 'core-site.xml'), 'utf8')
  writeFileSync(join(conf, 'core-site.xml'), core.replaceAll(/^.*<name>hadoop\.http\..*$/gm, ''))
  writeFileSync(join(conf, 'httpfs-signature.secret'), 'a secret of the bench')
  writeFileSync(
    join(conf, 'httpfs-site.xml'),
    configuration({
      'httpfs.http.port': String(PORT),
      'httpfs.http.hostname': '127.0.0.1',
      'hadoop.http.authentication.type': 'simple',
      'hadoop.http.authentication.signature.secret.file': join(conf, 'httpfs-signature.secret'),
      'httpfs.hadoop.authentication.type': 'kerberos',
      'httpfs.hadoop.authentication.kerberos.principal': `${PROXY_USER}@LAB`,
      'httpfs.hadoop.authentication.kerberos.keytab': lab.files.keytab(PROXY_USER),
    }),
  )
  return startProxy(lab, {
    name: 'httpfs',
    flags: [
      `-Dhttpfs.home.dir=${home}`,
      `-Dhttpfs.config.dir=${conf}`,
      `-Dhttpfs.log.dir=${join(home, 'log')}`,
      `-Dhttpfs.temp.dir=${join(home, 'temp')}`,
    ],
    classPath: [conf, `${mavenJarsFolder(lab.folder, HTTPFS)}/*`],
    main: 'org.apache.hadoop.fs.http.server.HttpFSServerWebServer',
    ready: async () =>
      (
        await fetch(`${HTTPFS_BASE}/?op=GETFILESTATUS&user.name=quant`, {
          signal: AbortSignal.timeout(READY_ANSWER_MS),
        })
      ).status === 200,
  })
}
