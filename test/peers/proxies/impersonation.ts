/** Lets a principal act for others, as HttpFS and Knox need it and Kerbside does not: in the NameNodes of a lab that is one's own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../lab/command.ts'
import { java } from '../../lab/java.ts'
import type { Lab } from '../../lab/lab.ts'
import { adminTicket } from '../../lab/parts/hdfs.ts'

/** Who the proxies are: HDFS's superuser, whose keytab every lab has. */
export const PROXY_USER = 'hdfs'

/** Writes it into the lab's core-site.xml, and has both NameNodes read it again. */
export async function allowImpersonation({ folder, files }: Lab): Promise<void> {
  const file = join(files.hadoopConf, 'core-site.xml')
  const rows = ['hosts', 'groups'].map((what) => property(`hadoop.proxyuser.${PROXY_USER}.${what}`, '*'))
  const text = readFileSync(file, 'utf8')
  if (text.includes(rows.join(''))) return
  writeFileSync(file, text.replace('</configuration>', `${rows.join('')}</configuration>`))
  const program = { name: 'dfsadmin', main: 'org.apache.hadoop.hdfs.tools.DFSAdmin', conf: [files.hadoopConf] }
  await runCommand(java(folder, { ...program, args: ['-refreshSuperUserGroupsConfiguration'] }), {
    env: adminTicket(folder),
  })
}

/** A property of a Hadoop configuration file. */
export const property = (name: string, value: string): string =>
  `<property><name>${name}</name><value>${value}</value></property>\n`

/** A whole Hadoop configuration file. */
export const configuration = (properties: Readonly<Record<string, string>>): string =>
  `<configuration>\n${Object.entries(properties)
    .map(([name, value]) => property(name, value))
    .join('')}</configuration>\n`
