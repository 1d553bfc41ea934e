/** Pods that were injected in a repository: held against the policy of now, as admission and the broker hold them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from '../run-cli.ts'
import { CA, COMMON, JOB, ownFolder } from './manifests.ts'

const folder = ownFolder()
const validate = (file: string, ...more: string[]) => runCli(['validate', '-f', file, ...COMMON, ...more])
const injected = async (...more: string[]) => (await runCli(['inject', '-f', JOB, ...COMMON, ...more])).out

test('what inject made is valid, with the authority and without', async () => {
  const ca = await folder.write(CA, 'ca.crt')
  const file = await folder.write(await injected('--ca', ca))
  for (const more of [[], ['--ca', ca]]) {
    const { code, out, err } = await validate(file, ...more)
    expect([code, out, err]).toEqual([0, '1 pod valid, 0 refused, 0 without the label\n', ''])
  }
})

test('a sidecar of another authority is refused to whoever says the right one', async () => {
  const file = await folder.write(await injected('--ca', await folder.write(CA, 'ca.crt')))
  const other = await folder.write(CA.replace('TUlJQg', 'TUlJQw'), 'other.crt')
  expect((await validate(file, '--ca', other)).err).toContain(
    '[sidecar-differs] container `kerbside` (env KERBSIDE_CA)',
  )
})

test.each([
  ['image: kerbside:dev', 'image: kerbside:evil', '[sidecar-differs] container `kerbside` (image)'],
  ['runAsUser: 65532', 'runAsUser: 0', '[sidecar-differs] container `kerbside` (securityContext)'],
  ['namespace: ml-quant', 'namespace: ml-climate', '[unknown-identity]'],
])('what was changed since is refused: %s', async (from, to, told) => {
  const text = await injected()
  expect(text).toContain(from)
  const { code, err } = await validate(await folder.write(text.replace(from, to), 'changed.yaml'))
  expect(code).toBe(1)
  expect(err).toMatch(/changed\.yaml:\d+: Job\/train: /)
  expect(err).toContain(told)
})

test('a pod that was never injected is refused; one without the label is only counted', async () => {
  expect((await validate(JOB)).err).toContain('[sidecar-missing]')
  const plain = (await readFile(JOB, 'utf8')).replace(
    / *labels:.*\n.*kerbside\.io\/identity.*\n|.*kerbside\.io\/identity.*\n/,
    '',
  )
  expect(plain).not.toContain('kerbside.io/identity')
  expect(await validate(await folder.write(plain))).toMatchObject({
    code: 0,
    out: '0 pods valid, 0 refused, 1 without the label\n',
  })
})

test('nothing to read is exit 2, a policy that cannot be used exit 3', async () => {
  expect((await runCli(['validate', ...COMMON])).err).toContain('`-f` is not given')
  expect((await validate(join(folder.path(), 'none.yaml'))).code).toBe(2)
  await folder.write('kind: Nothing\n', 'policy.yaml')
  expect((await validate(JOB, '--policy', folder.path())).code).toBe(3)
})
