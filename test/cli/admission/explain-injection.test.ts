/** A person asks why: every rule in the order of admission, kept or not. */
import { expect, test } from 'vitest'
import { ADMISSION_REASONS } from '../../../src/core/reasons.ts'
import { runCli } from '../run-cli.ts'
import { COMMON, JOB, ownFolder } from './manifests.ts'

const folder = ownFolder()
const explain = (file: string, ...more: string[]) => runCli(['explain-injection', '-f', file, ...COMMON, ...more])
const pod = (more: string, metadata = '') =>
  `kind: Pod\nmetadata: {name: train, namespace: ml-quant${metadata}}\nspec: {serviceAccountName: trainer, containers: [{name: c, image: i}]${more}}\n`
const LABEL = ', labels: {kerbside.io/identity: quant-research}'

test('a pod that would be injected keeps every rule, in the order of the closed list', async () => {
  const { code, out } = await explain(JOB)
  expect(code).toBe(0)
  expect(out).toContain('Job/train in ml-quant, as quant-research\n  no sidecar in it; created now, it would get one')
  const told = [...out.matchAll(/^ {2}yes +([a-z-]+) /gm)].map(([, reason]) => reason)
  expect(told.length).toBeGreaterThan(10)
  expect(told).toEqual(Object.keys(ADMISSION_REASONS).filter((reason) => told.includes(reason)))
})

test('one that has the sidecar is said to have it, and one whose sidecar was changed is not', async () => {
  const { out: injected } = await runCli(['inject', '-f', JOB, ...COMMON])
  const { code, out } = await explain(await folder.write(injected))
  expect([code, out]).toEqual([0, expect.stringContaining('injected: the sidecar in it is ours')])
  const changed = await explain(await folder.write(injected.replace('image: kerbside:dev', 'image: evil')))
  expect(changed.code).toBe(1)
  expect(changed.out).toMatch(/NO +sidecar-differs +container `kerbside` \(image\)/)
})

test('each rule that is not kept says what to change, beside those that are', async () => {
  const { code, out } = await explain(await folder.write(pod(', hostNetwork: true, hostPID: true', LABEL)))
  expect(code).toBe(1)
  expect(out).toMatch(/NO +host-network +.*remove `hostNetwork: true`/)
  expect(out).toMatch(/NO +host-pid /)
  expect(out).toMatch(/yes +host-ipc /)
})

test('without the label nobody was asked', async () => {
  const { code, out } = await explain(await folder.write(pod('')))
  expect([code, out]).toEqual([1, expect.stringContaining('so the webhook was not asked')])
})

test('a pod that lives, has the label and no sidecar came past us', async () => {
  const { code, out } = await explain(
    await folder.write(pod('', `${LABEL}, uid: 5c4e3f4e-3a3b-4d2c-9d1e-000000000001`)),
  )
  expect([code, out]).toEqual([0, expect.stringContaining('create it anew')])
})

test('what is no pod is said to be none', async () => {
  expect(await explain(await folder.write('kind: ConfigMap\n'))).toMatchObject({
    code: 1,
    err: 'there is no pod in it\n',
  })
})
