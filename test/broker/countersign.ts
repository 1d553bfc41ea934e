/** A broker that is there for a moment: it countersigns what is in its folder, and is gone. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrokerAudit } from '../../src/broker/audit/open.ts'
import { makeSigningKey } from '../../src/io/policy/bundle-keys.ts'
import { NOON } from '../io/audit/logs.ts'

export const BROKER = 'broker-0'

/**
 * With a key of its own.
 * @param directory has a folder of the broker's name
 * @param keys folder for its key
 * @param error told what it logs as such
 * @returns file with the public half
 */
export async function countersign(
  directory: string,
  keys: string,
  error: (about: unknown) => void = () => {},
): Promise<string> {
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  const [keyFile, keysFile] = [join(keys, 'key.pem'), join(keys, 'keys.json')]
  writeFileSync(keyFile, pem)
  writeFileSync(keysFile, JSON.stringify({ keys: [publicJwk] }))
  const parts = { clock: () => NOON, log: { error, warn: () => {} }, onRecords: () => {} }
  await (await openBrokerAudit({ directory, name: BROKER, keyFile }, parts)).close()
  return keysFile
}
