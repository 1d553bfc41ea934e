/**
 * Realms beside the lab's own, each with a KDC: CORP and LAB trust each other, OVERSEAS is trusted by CORP alone. Team quant
 * has a principal in each, and a NameNode without DataNodes is a service of CORP. A principal `large-N` of theirs gets tickets of
 * N bytes and more.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS, OTHER_REALMS, type OtherRealm, REALM } from '../addresses.ts'
import { formattedNameFolder } from '../build/hadoop.ts'
import { buildLargeTickets, largeTicketsModule } from '../build/large-tickets.ts'
import { issue, STORE_PASSWORD } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { java } from '../java.ts'
import type { Inside, LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'

const KDCS = { CORP: 'kdc-corp.lab', OVERSEAS: 'kdc-overseas.lab' } as const satisfies Record<OtherRealm, string>
const NAMENODE = 'corp-nn.lab'
const NAMENODE_HTTPS = 9871

/** A trust is a principal that both databases have with one key: `krbtgt/TO@FROM` takes principals of FROM to TO. */
const TRUSTS = [`krbtgt/${REALM}@CORP`, `krbtgt/CORP@${REALM}`, 'krbtgt/CORP@OVERSEAS'] as const
const PRINCIPALS = {
  CORP: { 'quant-corp': ['quant'], 'corp-nn': [`nn/${NAMENODE}`, `HTTP/${NAMENODE}`] },
  OVERSEAS: { 'quant-overseas': ['quant'] },
} as const satisfies Record<OtherRealm, Readonly<Record<string, readonly string[]>>>

export const realms: Part = {
  name: 'realms',
  needs: ['hdfs'],
  isOptional: true,
  fetch: buildLargeTickets,
  async start(inside) {
    await inside.run(['kadmin.local', '-r', REALM], { input: `${trustCommands(REALM).join('\n')}\n` })
    await Promise.all(OTHER_REALMS.map((realm) => kdcOf(realm, inside)))
    await nameNode(inside)
  },
}

async function kdcOf(realm: OtherRealm, { folder, run, daemon }: Inside): Promise<void> {
  const own = join(folder.path, 'realms', realm)
  const host = KDCS[realm]
  const env = { KRB5_KDC_PROFILE: kdcConfOf(folder, realm) }
  mkdirSync(join(own, 'kdc'), { recursive: true, mode: 0o700 })
  const modules = `[plugins]\n  kdcauthdata = {\n    module = large:${largeTicketsModule(folder)}\n  }\n`
  const kdcConf = render('kdc.conf', { realm, kdc: HOSTS[host], folder: own })
  writeFileSync(env.KRB5_KDC_PROFILE, `${kdcConf}\n${modules}`)
  await run(['kdb5_util', 'create', '-s', '-r', realm, '-P', 'master'], { env })
  const commands = Object.entries<readonly string[]>(PRINCIPALS[realm]).flatMap(([name, principals]) => [
    ...principals.map((principal) => `addprinc -randkey ${principal}@${realm}`),
    `ktadd -norandkey -k ${labFiles(folder).keytab(name)} ${principals.map((each) => `${each}@${realm}`).join(' ')}`,
  ])
  const input = `${[...trustCommands(realm), ...commands].join('\n')}\n`
  await run(['kadmin.local', '-r', realm], { env, input })
  const name = host.replace('.lab', '')
  await daemon({ name, env, command: ['krb5kdc', '-n', '-r', realm], ready: () => connects(HOSTS[host], 88) })
}

/** Where a test finds what `kadmin.local` needs, as `KRB5_KDC_PROFILE`. */
export const kdcConfOf = (folder: Pick<LabFolder, 'path'>, realm: OtherRealm): string =>
  join(folder.path, 'realms', realm, 'kdc', 'kdc.conf')

/** Both sides must come to the same key. */
export const trustPassword = (trust: string): string => `trust-${trust}`

/** Of the trusts that a realm has part in. */
const trustCommands = (realm: string): readonly string[] =>
  TRUSTS.filter((trust) => trust.split(/[/@]/).includes(realm)).map(
    (trust) => `addprinc -pw ${trustPassword(trust)} ${trust}`,
  )

async function nameNode(inside: Inside): Promise<void> {
  const { folder, progress, daemon } = inside
  const conf = await writeConfig(folder)
  const formatted = await formattedNameFolder(folder, progress)
  cpSync(join(formatted, 'name'), join(folder.path, 'hdfs', 'corp', 'name'), { recursive: true })
  const name = NAMENODE.replace('.lab', '')
  const command = java(folder, { name, main: 'org.apache.hadoop.hdfs.server.namenode.NameNode', conf })
  await daemon({ name, command, ready: () => connects(HOSTS[NAMENODE], NAMENODE_HTTPS) })
}

async function writeConfig(folder: LabFolder): Promise<string[]> {
  const files = labFiles(folder)
  const own = join(folder.path, 'hadoop', 'corp')
  const { pkcs12 } = await issue(folder, { file: 'corp-nn', commonName: NAMENODE, hosts: [NAMENODE] })
  mkdirSync(own, { recursive: true })
  mkdirSync(join(folder.path, 'hdfs', 'corp'), { recursive: true })
  const values = {
    folder: folder.path,
    realm: 'CORP',
    keytab: files.keytab('corp-nn'),
    nameNode: NAMENODE,
    truststore: files.truststore,
    password: STORE_PASSWORD,
    keystore: pkcs12,
  }
  for (const file of ['corp-hdfs-site.xml', 'ssl-server.xml']) {
    writeFileSync(join(own, file.replace('corp-', '')), render(join('hadoop', file), values))
  }
  return [own, files.hadoopConf]
}
