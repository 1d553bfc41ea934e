/** What a test does at the KDCs of the lab's other realms, as their administrator. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HOSTS, type OtherRealm } from '../../lab/addresses.ts'
import { kdcConfOf } from '../../lab/parts/realms.ts'
import { connects } from '../../lab/probe.ts'
import type { World } from './world.ts'

const run = promisify(execFile)

export type OtherRealms = {
  kadmin(realm: OtherRealm, ...queries: readonly string[]): Promise<void>
  /** The present key of a principal, as its keytab. */
  keytab(realm: OtherRealm, name: string): Promise<Buffer>
}

/** @throws Error in a lab that has no such realms */
export async function otherRealms({ lab, folder }: World): Promise<OtherRealms> {
  if (!(await connects(HOSTS['corp-nn.lab'], 9871))) throw new Error('this needs a lab with the part `realms`')
  const kadmin = async (realm: OtherRealm, ...queries: readonly string[]) => {
    const env = { ...process.env, KRB5_KDC_PROFILE: kdcConfOf(lab.folder, realm) }
    for (const query of queries) await run('kadmin.local', ['-r', realm, '-q', query], { env })
  }
  return {
    kadmin,
    async keytab(realm, name) {
      const file = join(folder, `${name}.keytab`)
      await kadmin(realm, `ktadd -norandkey -k ${file} ${name}@${realm}`)
      const bytes = readFileSync(file)
      rmSync(file)
      return bytes
    },
  }
}
