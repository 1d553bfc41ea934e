/** Certificates that somebody else renews, as cert-manager writes them: taken over when they are good. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { serveFiles } from '../../../src/io/serving/files.ts'
import type { Serving, ServingCertificate } from '../../../src/io/serving/serving.ts'
import { type Authority, issueLeaf, type Leaf, LIVES, newAuthority } from '../../../src/io/tls/certificates.ts'

let folder = ''
let serving: Serving | undefined
let authority: Authority
const used: ServingCertificate[] = []
const problems: string[] = []
const also = {
  use: (certificate: ServingCertificate) => void used.push(certificate),
  onProblem: (problem: string) => void problems.push(problem),
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-files-'))
  authority = await newAuthority(Date.now(), LIVES)
  used.length = 0
  problems.length = 0
})
afterEach(async () => {
  serving?.stop()
  serving = undefined
  await rm(folder, { recursive: true })
})

/** As a Secret is mounted: one link that is swapped, so that all three files change at once. */
let generation = 0
async function mount(
  leaf: { certificatePem: string; keyPem: string },
  caPem = authority.certificatePem,
): Promise<void> {
  generation += 1
  const data = join(folder, `..${generation}`)
  await mkdir(data)
  const files = { 'tls.crt': leaf.certificatePem, 'tls.key': leaf.keyPem, 'ca.crt': caPem }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text)
    await symlink(join('..data', name), join(folder, name)).catch(() => {})
  }
  await symlink(`..${generation}`, join(folder, '..next'))
  await rename(join(folder, '..next'), join(folder, '..data'))
}
const leafOf = (now = Date.now()): Promise<Leaf> => issueLeaf(authority, ['localhost'], now)

test('a renewed certificate is taken over, and the authority with it', async () => {
  const first = await leafOf()
  await mount(first)
  serving = await serveFiles(folder, also)
  expect(used).toEqual([expect.objectContaining({ certificatePem: first.certificatePem, expiresAt: first.expiresAt })])
  let changes = 0
  serving.onChange(() => {
    changes += 1
  })
  const second = await leafOf()
  await mount(second)
  await vi.waitFor(() => expect(used[1]?.certificatePem).toBe(second.certificatePem), { timeout: 60_000 })
  expect(changes).toBe(0)
  const other = await newAuthority(Date.now(), LIVES)
  const both = authority.certificatePem + other.certificatePem
  await mount(second, both)
  await vi.waitFor(() => expect(changes).toBe(1), { timeout: 60_000 })
  expect(serving.authorities()).toEqual({ given: both, known: both, trusted: both })
}, 30_000)

test('a change that is no use is told, without a word of the key, and the one before stays', async () => {
  const [first, second] = [await leafOf(), await leafOf()]
  await mount(first)
  serving = await serveFiles(folder, also)
  const tried = [
    { leaf: { ...second, keyPem: first.keyPem }, told: 'do not belong together' },
    { leaf: { ...second, keyPem: 'canary-key' }, told: 'is not a private key' },
    { leaf: { ...second, certificatePem: '' }, told: 'is empty' },
    { leaf: await leafOf(Date.now() - 31 * 86_400_000), told: 'has expired' },
  ]
  for (const { leaf, told } of tried) {
    await mount(leaf)
    await vi.waitFor(() => expect(problems.at(-1)).toContain(told), { timeout: 60_000 })
  }
  expect(used).toHaveLength(1)
  expect(problems.join()).not.toContain('canary')
}, 60_000)

test('what is not there to begin with is an error that names the file', async () => {
  await expect(serveFiles(folder, also)).rejects.toMatchObject({
    code: 'io-failed',
    message: expect.stringContaining('tls.crt'),
  })
})
