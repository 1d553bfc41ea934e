/** The example policy, and the one before it, under which fraud detection might delete from the ledger. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { archiveOf } from '../review/archive.ts'

export type TwoPolicies = {
  readonly archive: string
  readonly keysFile: string
  readonly earlier: Bundle
  readonly later: Bundle
}

/** @param root a folder for both; @param policy the example */
export async function twoPolicies(root: string, policy: string): Promise<TwoPolicies> {
  const laxer = join(root, 'laxer')
  cpSync(policy, laxer, { recursive: true })
  const grants = join(laxer, 'fraud/grants.yaml')
  writeFileSync(grants, readFileSync(grants, 'utf8').replace('actions: [read]', 'actions: [read, delete]'))
  const { archive, keysFile, bundles } = await archiveOf(root, [laxer, policy])
  const [earlier, later] = bundles
  if (earlier === undefined || later === undefined) throw new Error('there are two policies')
  return { archive, keysFile, earlier, later }
}
