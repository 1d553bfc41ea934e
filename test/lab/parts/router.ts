/** Router-based federation: a router in front of the NameNodes, with one mount, and the ZooKeeper that keeps its delegation tokens. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS, NAMESERVICE, REALM } from '../addresses.ts'
import { moreHadoopJars, moreHadoopJarsFolder } from '../build/hadoop.ts'
import { issue, STORE_PASSWORD } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { java } from '../java.ts'
import type { Inside, LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'
import { adminTicket } from './hdfs.ts'

/** What clients of the router see as the first is the second in the NameNodes' own tree. */
const MOUNT = ['/mounted/quant', '/team/quant'] as const
const ZOOKEEPER_PORT = 2181
const HTTPS_PORT = 50_072

export const router: Part = {
  name: 'router',
  needs: ['data'],
  isOptional: true,
  fetch: async (folder, progress) => void (await moreHadoopJars(folder, progress)),
  async start(inside) {
    const { folder, daemon } = inside
    const conf = await writeConfig(folder)
    const program = (name: string, main: string, args: readonly string[] = []) =>
      java(folder, { name, main, args, conf, jars: [join(moreHadoopJarsFolder(folder), '*')] })
    await daemon({
      name: 'zookeeper',
      command: program('zookeeper', 'org.apache.zookeeper.server.ZooKeeperServerMain', [
        join(folder.path, 'hadoop', 'router', 'zoo.cfg'),
      ]),
      ready: () => connects(HOSTS['router.lab'], ZOOKEEPER_PORT),
    })
    await daemon({
      name: 'router',
      command: program('router', 'org.apache.hadoop.hdfs.server.federation.router.DFSRouter'),
      ready: () => connects('router.lab', HTTPS_PORT),
    })
    const [mount, target] = MOUNT
    const admin = 'org.apache.hadoop.hdfs.tools.federation.RouterAdmin'
    await untilMounted(inside, program('routeradmin', admin, ['-add', mount, NAMESERVICE, target]))
  },
}

/** A router that was just started is in safe mode until it has read its store. */
async function untilMounted({ run, until, folder }: Inside, command: [string, ...string[]]): Promise<void> {
  const added = () =>
    run(command, { env: adminTicket(folder) }).then(
      () => true,
      () => false,
    )
  await until('a mount', added, { daemon: 'router', timeoutSeconds: 120 })
}

async function writeConfig(folder: LabFolder): Promise<string[]> {
  const files = labFiles(folder)
  const own = join(folder.path, 'hadoop', 'router')
  const { pkcs12 } = await issue(folder, { file: 'router', commonName: 'router.lab', hosts: ['router.lab'] })
  const values = {
    folder: folder.path,
    realm: REALM,
    nameservice: NAMESERVICE,
    keytab: files.keytab('hadoop'),
    truststore: files.truststore,
    password: STORE_PASSWORD,
    keystore: pkcs12,
  }
  mkdirSync(join(own, 'webapps', 'router'), { recursive: true })
  mkdirSync(join(folder.path, 'hdfs', 'router'), { recursive: true })
  for (const file of ['hdfs-rbf-site.xml', 'ssl-server.xml']) {
    writeFileSync(join(own, file), render(join('hadoop', file), values))
  }
  const zookeeper = {
    dataDir: join(folder.path, 'hdfs', 'zookeeper'),
    clientPort: ZOOKEEPER_PORT,
    clientPortAddress: 'router.lab',
    'admin.enableServer': false,
  }
  const lines = Object.entries(zookeeper).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(own, 'zoo.cfg'), lines.join(''))
  return [own, files.hadoopConf]
}
