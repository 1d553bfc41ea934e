/** The example policies, changed in one word: quant's secrets come through the broker. Maybe from other places too. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../suite.ts'

export const QUANT = 'quant-research'
const WORD = '  secretsThrough: broker\n'

export type PoliciesThroughBroker = {
  readonly policies: string
  /** Takes the word back. */
  takeBack(): void
}

/** Paths in the secret store. */
export type SecretPlaces = { readonly keytab: string; readonly authority: string }

const EXAMPLE: SecretPlaces = { keytab: `hdfs/${QUANT}`, authority: 'hdfs/lab' }

/**
 * @param folder where they are put
 * @param at where the secrets are, for who must not touch those of others
 */
export function policiesThroughBroker(
  folder: string,
  { keytab, authority }: SecretPlaces = EXAMPLE,
): PoliciesThroughBroker {
  const policies = join(folder, 'policies')
  cpSync(join(ROOT, 'policies'), policies, { recursive: true })
  const file = join(policies, 'quant/identities.yaml')
  const direct = readFileSync(file, 'utf8')
  writeFileSync(file, direct.replace(`  secret: ${EXAMPLE.keytab}`, `${WORD}  secret: ${keytab}`))
  const cluster = join(policies, 'clusters/lab.yaml')
  writeFileSync(cluster, readFileSync(cluster, 'utf8').replace(`secret: ${EXAMPLE.authority}`, `secret: ${authority}`))
  return { policies, takeBack: () => writeFileSync(file, direct) }
}
