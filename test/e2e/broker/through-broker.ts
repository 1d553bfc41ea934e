/** The example policies, changed in one word: quant's secrets come through the broker. */
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

/** @param folder where they are put */
export function policiesThroughBroker(folder: string): PoliciesThroughBroker {
  const policies = join(folder, 'policies')
  cpSync(join(ROOT, 'policies'), policies, { recursive: true })
  const file = join(policies, 'quant/identities.yaml')
  const direct = readFileSync(file, 'utf8')
  writeFileSync(file, direct.replace(`  secret: hdfs/${QUANT}`, `${WORD}$&`))
  return { policies, takeBack: () => writeFileSync(file, direct) }
}
