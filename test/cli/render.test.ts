/** The manifests of an installation: everything in them, nothing made up, and the same bytes every time. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type JsonObject, objectAt } from '../../src/core/identity/json.ts'
import { readInjectionFile } from '../../src/io/injection-file.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { runCli } from './run-cli.ts'

const ROOT = join(import.meta.dirname, '../..')
const POLICIES = join(ROOT, 'policies')
const IMAGE = 'registry.example.org/kerbside@sha256:0000000000000000000000000000000000000000000000000000000000000000'
let folder = ''
let injection = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-render-'))
  injection = join(folder, 'injection.yaml')
  await writeFile(
    injection,
    `image: ${IMAGE}\nbroker: https://broker:1\nstore: openbao\nstoreUrl: https://b\nstoreRole: r\n`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

const render = (policy = POLICIES) => runCli(['render', '--injection', injection, '--policy', policy])
const objects = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as JsonObject)
const named = (all: readonly JsonObject[], kind: string, name: string) =>
  all.find((each) => each['kind'] === kind && objectAt(each, 'metadata')['name'] === name) ?? {}

test('two runs give the same bytes, and the namespace comes first', async () => {
  const [one, other] = [await render(), await render()]
  expect(one).toEqual(other)
  expect([one.code, one.err]).toEqual([0, ''])
  const [first, ...rest] = objects(one.out).map(({ kind }) => kind)
  expect(first).toBe('Namespace')
  expect(rest).toEqual(
    expect.arrayContaining(['Deployment', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy']),
  )
})

test('every program has the image of the injection file', async () => {
  const { out } = await render()
  expect(out).not.toContain('kerbside:dev')
  expect(out.split(`image: ${IMAGE}\n`).length).toBe(2 + 1 + 1)
})

test('what the programs will read is what was given', async () => {
  const all = objects((await render()).out)
  const settings = objectAt(named(all, 'ConfigMap', 'kerbside-injection'), 'data')
  await writeFile(join(folder, 'again.yaml'), String(settings['injection.yaml']))
  expect(await readInjectionFile(join(folder, 'again.yaml'))).toEqual(await readInjectionFile(injection))
  const copy = join(folder, 'copy')
  await mkdir(copy)
  for (const [name, text] of Object.entries(objectAt(named(all, 'ConfigMap', 'kerbside-policies'), 'data'))) {
    await writeFile(join(copy, name), String(text))
  }
  const [given, read] = [await readPolicyDirectory(POLICIES), await readPolicyDirectory(copy)]
  if (!('bundle' in given && 'bundle' in read)) throw new Error('a policy is broken')
  expect([...read.bundle.identities.keys()]).toEqual([...given.bundle.identities.keys()])
  expect(read.bundle.grants.length).toBe(given.bundle.grants.length)
})

test('every ConfigMap and service account that a program names is there', async () => {
  const all = objects((await render()).out)
  const text = JSON.stringify(all)
  const names = [...text.matchAll(/"configMap":\{"name":"([^"]+)"/g)].map(([, name = '']) => name)
  expect(new Set(names)).toEqual(new Set(['kerbside-policies', 'kerbside-injection']))
  for (const name of names) expect(named(all, 'ConfigMap', name)).toHaveProperty('data')
  for (const [, name = ''] of text.matchAll(/"serviceAccountName":"([^"]+)"/g)) {
    expect(named(all, 'ServiceAccount', name), name).toHaveProperty('kind')
  }
})

test('the configuration alone is the namespace and both ConfigMaps, for any namespace', async () => {
  const words = ['render', '--injection', injection, '--policy', POLICIES, '--namespace', 'data-platform']
  const { code, out } = await runCli([...words, '--only', 'configuration'])
  const all = objects(out)
  expect([code, all.map(({ kind }) => kind)]).toEqual([0, ['Namespace', 'ConfigMap', 'ConfigMap']])
  expect(all.map((each) => objectAt(each, 'metadata')['namespace'] ?? objectAt(each, 'metadata')['name'])).toEqual(
    all.map(() => 'data-platform'),
  )
  const whole = objects((await render()).out).filter(({ kind }) => kind === 'ConfigMap')
  expect(all.slice(1).map((each) => each['data'])).toEqual(whole.map((each) => each['data']))
  expect((await runCli(words)).code).toBe(2)
  expect((await runCli([...words.slice(0, -1), 'a\nb', '--only', 'configuration'])).code).toBe(2)
})

test('what is rendered is deploy/manifests, and nothing of it is left out', async () => {
  const folder = join(ROOT, 'deploy/manifests')
  const files = (await readdir(folder)).filter((file) => /^\d/.test(file))
  const held = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const expected = held.flatMap(objects).map((each) => JSON.stringify(each).replaceAll('kerbside:dev', IMAGE))
  const rest = objects((await render()).out).filter(({ kind }) => kind !== 'ConfigMap')
  expect(rest.map((each) => JSON.stringify(each)).sort()).toEqual(expected.sort())
})

test('a policy that is not valid, or whose files would be one, is not rendered', async () => {
  const policy = join(folder, 'policy')
  await cp(POLICIES, policy, { recursive: true })
  await mkdir(join(policy, 'a'))
  await writeFile(join(policy, 'a', 'b.yaml'), '')
  await writeFile(join(policy, 'a.b.yaml'), '')
  expect(await render(policy)).toMatchObject({
    code: 3,
    err: expect.stringContaining('two files would be called `a.b.yaml`'),
  })
  await writeFile(join(policy, 'a.b.yaml'), 'kind: Nothing\n')
  expect((await render(policy)).code).toBe(3)
  expect((await runCli(['render'])).code).toBe(2)
})
