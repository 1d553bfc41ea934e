/** The manifest that a person has in hand, before any cluster sees it: as admission would make it, or why not. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type JsonObject, objectAt, objectsAt } from '../../src/core/identity/json.ts'
import { runCli } from './run-cli.ts'

const ROOT = join(import.meta.dirname, '../..')
const JOB = join(ROOT, 'deploy/examples/train-job.yaml')
const COMMON = ['--injection', join(ROOT, 'deploy/examples/injection.yaml'), '--policies', join(ROOT, 'policies')]
const SANDBOX = `apiVersion: kerbside.io/v1
kind: Identity
metadata: { name: sandbox }
spec:
  team: quant
  cluster: lab
  principal: quant@LAB
  secret: hdfs/quant-research
  home: /team/quant
  allowedFor:
    - namespaceSelector: { matchLabels: { stage: sandbox } }
      serviceAccounts: [trainer]
`
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-inject-'))
})
afterAll(() => rm(folder, { recursive: true }))

const written = async (text: string) => {
  const file = join(folder, 'manifest.yaml')
  await writeFile(file, text)
  return file
}
const inject = (file: string, ...more: string[]) => runCli(['inject', file, ...COMMON, ...more])
const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as JsonObject)
const podSpec = (object: JsonObject, ...path: string[]) => [...path, 'spec'].reduce(objectAt, object)

test('the example Job gets its sidecar in its template, and stays a Job', async () => {
  const { code, out } = await inject(JOB)
  expect(code).toBe(0)
  const [job = {}] = documents(out)
  expect(job['kind']).toBe('Job')
  expect(objectsAt(podSpec(job, 'spec', 'template'), 'initContainers').map(({ name }) => name)).toEqual(['kerbside'])
})

test('what asks for nothing is left as it is, beside what does', async () => {
  const pod = 'kind: Pod\nmetadata: {name: a, labels: {app: x}}\nspec: {containers: [{name: c}]}\n'
  const { out } = await inject(
    await written(`kind: ConfigMap\ndata: {a: b}\n---\n${pod}---\n${await readFile(JOB, 'utf8')}`),
  )
  const [config, plain, job] = documents(out)
  expect([config, plain]).toEqual(documents(`kind: ConfigMap\ndata: {a: b}\n---\n${pod}`))
  expect(JSON.stringify(job)).toContain('kerbside-token')
})

test('a CronJob has its pod one level deeper', async () => {
  const [job = {}] = documents(await readFile(JOB, 'utf8'))
  const cron = { kind: 'CronJob', metadata: { name: 'nightly' }, spec: { jobTemplate: { spec: job['spec'] } } }
  const { out } = await inject(await written(JSON.stringify(cron)), '--namespace', 'ml-quant')
  const [made = {}] = documents(out)
  expect(objectsAt(podSpec(made, 'spec', 'jobTemplate', 'spec', 'template'), 'initContainers').length).toBe(1)
})

test('a denial says what and why, prints no manifest, and is exit 1', async () => {
  const text = (await readFile(JOB, 'utf8')).replace('namespace: ml-quant', 'namespace: ml-climate')
  const { code, out, err } = await inject(await written(text))
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('Job/train: [unknown-identity] `quant-research`')
})

test('an identity for labelled namespaces is given where the labels are, and not where nobody says them', async () => {
  const policies = join(folder, 'policies')
  await cp(join(ROOT, 'policies'), policies, { recursive: true })
  await writeFile(join(policies, 'sandbox.yaml'), SANDBOX)
  const job = (await readFile(JOB, 'utf8')).replace('identity: quant-research', 'identity: sandbox')
  const file = await written(job)
  const code = async (...labels: string[]) => {
    const given = labels.flatMap((label) => ['--namespace-label', label])
    return (await inject(file, '--policies', policies, ...given)).code
  }
  expect(await code()).toBe(1)
  expect(await code('stage=production')).toBe(1)
  expect(await code('team=quant', 'stage=sandbox')).toBe(0)
  expect(await code('stage')).toBe(2)
})

test('a file that is not there, or no YAML, is exit 2', async () => {
  expect((await inject(join(folder, 'none.yaml'))).code).toBe(2)
  const broken = await inject(await written('a: ['))
  expect(broken.code).toBe(2)
  expect((await runCli(['inject', JOB])).err).toContain('`--injection` is not given')
})
