/** HDFS in secure mode: two NameNodes, the first active, and two DataNodes; HTTPS only, everything encrypted. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { KEY_PROVIDER, NAMESERVICE, REALM, TEAM_PRINCIPALS } from '../addresses.ts'
import { formattedNameFolder, hadoopJars } from '../build/hadoop.ts'
import { issue, STORE_PASSWORD } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { java } from '../java.ts'
import { keepClassList, makeArchive } from '../java-archive.ts'
import type { Inside, LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'
import { SHORT_LIVES_MS, USUAL_LIVES_MS } from './short-tokens.ts'

const NAMENODES = ['nn1', 'nn2'] as const
const DATANODES = ['dn1', 'dn2'] as const
const NAMENODE_HTTPS = 9871
const DATANODE_HTTPS = 9865

export const hdfs: Part = {
  name: 'hdfs',
  needs: ['kdc'],
  async fetch(folder, progress) {
    await hadoopJars(folder, progress)
    await formattedNameFolder(folder, progress)
    await makeArchive(folder, progress)
  },
  async start(inside) {
    const { folder, progress } = inside
    await writeConfig(inside)
    const formatted = await formattedNameFolder(folder, progress)
    const copy = (name: string, filter: (path: string) => boolean) =>
      cpSync(join(formatted, 'name'), join(folder.path, 'hdfs', name), { recursive: true, filter })
    for (const name of NAMENODES) copy(name, () => true)
    copy('shared', (path) => !basename(path).startsWith('fsimage'))
    const activated = inside.until('nn1', () => connects('nn1.lab', 8020)).then(() => activate(inside))
    await Promise.all([
      ...NAMENODES.map((name) => nameNode(inside, name)),
      ...DATANODES.map((name) => dataNode(inside, name)),
      activated,
    ])
    const script = join(import.meta.dirname, '..', 'hdfs-ready.ts')
    await inside.run([process.execPath, script], { env: adminTicket(folder) })
    keepClassList(folder)
  },
}

function nameNode({ folder, daemon }: Inside, name: (typeof NAMENODES)[number]): Promise<void> {
  return daemon({
    name,
    command: java(folder, {
      name,
      main: 'org.apache.hadoop.hdfs.server.namenode.NameNode',
      // Both are in the configuration: a NameNode has to be told which one it is.
      args: [`-Ddfs.nameservice.id=${NAMESERVICE}`, `-Ddfs.ha.namenode.id=${name}`],
      conf: confOf(folder, name),
    }),
    ready: () => connects(`${name}.lab`, NAMENODE_HTTPS),
  })
}

function dataNode({ folder, daemon }: Inside, name: (typeof DATANODES)[number]): Promise<void> {
  const ports = { address: 9866, 'https.address': DATANODE_HTTPS, 'ipc.address': 9867 }
  return daemon({
    name,
    command: java(folder, {
      name,
      main: 'org.apache.hadoop.hdfs.server.datanode.DataNode',
      args: [
        // Decides its principal, and its name in redirects.
        `-Ddfs.datanode.hostname=${name}.lab`,
        `-Ddfs.datanode.data.dir=file://${join(folder.path, 'hdfs', name)}`,
        ...Object.entries(ports).map(([key, port]) => `-Ddfs.datanode.${key}=${name}.lab:${port}`),
      ],
      conf: confOf(folder, name),
      movesData: true,
    }),
    ready: () => connects(`${name}.lab`, DATANODE_HTTPS),
  })
}

/** The environment of a command that acts as HDFS's superuser. */
export function adminTicket(folder: LabFolder): { KRB5CCNAME: string } {
  return { KRB5CCNAME: join(folder.path, 'hdfs', 'admin.ccache') }
}

/** Makes nn1 active, as an administrator would. Forced, since its partner may still be starting. */
async function activate({ folder, run }: Inside): Promise<void> {
  const env = adminTicket(folder)
  await run(['kinit', '-k', '-t', labFiles(folder).keytab('hdfs'), 'hdfs'], { env })
  const args = ['-transitionToActive', '--forceactive', 'nn1']
  const conf = [labFiles(folder).hadoopConf]
  await run(java(folder, { name: 'haadmin', main: 'org.apache.hadoop.hdfs.tools.DFSHAAdmin', args, conf }), { env })
}

/** A host's own folder holds its key; the other is everyone's. */
function confOf(folder: LabFolder, host: string): string[] {
  return [join(folder.path, 'hadoop', host), labFiles(folder).hadoopConf]
}

async function writeConfig({ folder, together }: Inside): Promise<void> {
  const files = labFiles(folder)
  const values = {
    folder: folder.path,
    realm: REALM,
    nameservice: NAMESERVICE,
    keytab: files.keytab('hadoop'),
    truststore: files.truststore,
    password: STORE_PASSWORD,
    // A NameNode reads this once, when it starts.
    keyProvider: together.has('kms') ? KEY_PROVIDER : '',
    ...(together.has('short-tokens') ? SHORT_LIVES_MS : USUAL_LIVES_MS),
    // The router watches the NameNodes as an administrator does.
    groups: [...TEAM_PRINCIPALS.map((name) => `${name}=${name}`), 'hdfs=supergroup', 'router=supergroup'].join(';'),
  }
  const into = (path: string, files: readonly string[], more = {}) => {
    mkdirSync(path, { recursive: true })
    for (const file of files) writeFileSync(join(path, file), render(join('hadoop', file), { ...values, ...more }))
  }
  into(files.hadoopConf, ['core-site.xml', 'hdfs-site.xml', 'ssl-client.xml', 'log4j.properties'])
  // The web servers refuse to start unless these folders are on the class path; they may be empty.
  for (const webapp of ['hdfs', 'datanode']) mkdirSync(join(files.hadoopConf, 'webapps', webapp), { recursive: true })
  mkdirSync(join(folder.path, 'hdfs', 'tmp'), { recursive: true })
  await Promise.all(
    [...NAMENODES, ...DATANODES].map(async (host) => {
      const { pkcs12 } = await issue(folder, { file: host, commonName: `${host}.lab`, hosts: [`${host}.lab`] })
      into(join(folder.path, 'hadoop', host), ['ssl-server.xml'], { keystore: pkcs12 })
    }),
  )
}
