/** Policies of the past as somebody keeps them: bundles that are signed, and the key to hold them against. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { payloadOf } from '../../src/io/policy/bundle.ts'
import { makeSigningKey, signingKey, toPublicJwk } from '../../src/io/policy/bundle-keys.ts'
import { sign } from '../../src/io/policy/bundle-signature.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'

export type Archive = { readonly archive: string; readonly keysFile: string; readonly bundles: readonly Bundle[] }

/** @param root a folder that is there; @param policies policy directories, oldest first: the first is `policy-1.jws` */
export async function archiveOf(root: string, policies: readonly string[]): Promise<Archive> {
  const archive = join(root, 'archive')
  await mkdir(archive)
  const key = await signingKey((await makeSigningKey('EdDSA')).pem, 'test')
  const bundles: Bundle[] = []
  for (const [index, directory] of policies.entries()) {
    const read = await readPolicyDirectory(directory)
    if ('problems' in read) throw new Error(JSON.stringify(read.problems))
    const sources = read.documents().map(({ source }) => source)
    const text = await sign(payloadOf({ bundle: read.bundle, sources }, { sequence: index + 1 }), key)
    await writeFile(join(archive, `policy-${index + 1}.jws`), text)
    bundles.push(read.bundle)
  }
  const keysFile = join(root, 'keys.json')
  await writeFile(keysFile, JSON.stringify({ keys: [toPublicJwk(key)] }))
  return { archive, keysFile, bundles }
}
