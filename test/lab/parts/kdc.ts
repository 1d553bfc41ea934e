/** MIT Kerberos: one realm, the daemons' principals and keytabs, and a principal for each team. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS, REALM, TEAM_PRINCIPALS } from '../addresses.ts'
import { debianPackages } from '../debian.ts'
import { FAKETIME_LIBRARY } from '../faketime.ts'
import { labFiles } from '../folder.ts'
import type { LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'

/** Which principals stand in which keytab of `<folder>/keytabs`. */
const KEYTABS: Readonly<Record<string, readonly string[]>> = {
  hadoop: [
    ...['nn1.lab', 'nn2.lab', 'plain-nn.lab'].flatMap((host) => [`nn/${host}`, `HTTP/${host}`]),
    ...['dn1.lab', 'dn2.lab', 'plain-dn.lab'].flatMap((host) => [`dn/${host}`, `HTTP/${host}`]),
    ...['router/router.lab', 'HTTP/router.lab', 'HTTP/kms.lab'],
  ],
  /** HDFS's superuser, for the lab itself. */
  hdfs: ['hdfs'],
  ...Object.fromEntries(TEAM_PRINCIPALS.map((name) => [name, [name]])),
}

export const kdc: Part = {
  name: 'kdc',
  needs: [],
  async fetch(folder, progress) {
    await debianPackages(folder, progress, {
      krb5kdc: 'krb5-kdc',
      'kadmin.local': 'krb5-admin-server',
      kinit: 'krb5-user',
      // Tickets are about time.
      [FAKETIME_LIBRARY]: 'libfaketime',
    })
  },
  async start({ folder, run, daemon }) {
    writeConfig(folder)
    await run(['kdb5_util', 'create', '-s', '-r', REALM, '-P', 'master'])
    await run(['kadmin.local', '-r', REALM], { input: `${kadminCommands(folder).join('\n')}\n` })
    for (const file of readdirSync(keytabs(folder))) chmodSync(join(keytabs(folder), file), 0o600)
    await daemon({
      name: 'kdc',
      command: ['krb5kdc', '-n', '-r', REALM],
      ready: () => connects(HOSTS['kdc.lab'], 88),
    })
  },
}

function writeConfig(folder: LabFolder): void {
  const files = labFiles(folder)
  const values = { realm: REALM, kdc: HOSTS['kdc.lab'], folder: folder.path }
  mkdirSync(join(folder.path, 'kdc'), { mode: 0o700 })
  mkdirSync(keytabs(folder), { mode: 0o700 })
  mkdirSync(join(folder.path, 'ccache'))
  chmodSync(join(folder.path, 'ccache'), 0o1777)
  writeFileSync(files.krb5Conf, render('krb5.conf', values))
  writeFileSync(files.kdcConf, render('kdc.conf', values))
}

const keytabs = (folder: LabFolder): string => join(folder.path, 'keytabs')

function kadminCommands(folder: LabFolder): string[] {
  return Object.entries(KEYTABS).flatMap(([name, principals]) => [
    ...principals.map((principal) => `addprinc -randkey ${principal}`),
    `ktadd -norandkey -k ${labFiles(folder).keytab(name)} ${principals.join(' ')}`,
  ])
}
