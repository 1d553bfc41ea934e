/** The annotations of a pod: read strictly, and the page says exactly those. `UPDATE_DOCS=1` rewrites its table. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANNOTATIONS, readAnnotations } from '../../../src/core/identity/annotations.ts'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { readPod } from '../../../src/core/identity/pod.ts'
import { ask, outcome, POD } from './world.ts'

const PAGE = join(import.meta.dirname, '../../../deploy/README.md')
const annotated = (annotations: JsonObject): JsonObject => ({
  ...POD,
  metadata: { ...POD.metadata, annotations },
  spec: { ...POD.spec, initContainers: [{ name: 'fetch', image: 'i' }] },
})
const read = (annotations: JsonObject) => readAnnotations(readPod(annotated(annotations)))

test('the page lists every annotation, its form, what it does, and what is without it', () => {
  const rows = Object.entries(ANNOTATIONS).map(
    ([name, { form, does, ifAbsent }]) => `| \`${name}\` | ${form} | ${does} | ${ifAbsent} |`,
  )
  const table = ['| annotation | form | what it does | if absent |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const page = readFileSync(PAGE, 'utf8')
  const updated = page.replace(/(<!-- annotations -->\n)[\s\S]*?(<!-- \/annotations -->)/, `$1\n${table}\n\n$2`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, updated)
  expect(updated).toContain('`kerbside.io/containers`')
  expect(readFileSync(PAGE, 'utf8')).toBe(updated)
})

test('each is read in its form', () => {
  expect(read({ 'kerbside.io/containers': 'fetch,train' }).choices).toEqual({ containers: ['fetch', 'train'] })
  for (const clients of ['all', 'files', 'none'])
    expect(read({ 'kerbside.io/clients': clients }).choices).toEqual({ clients })
  for (const logLevel of ['error', 'warn', 'info', 'debug']) {
    expect(read({ 'kerbside.io/log-level': logLevel }).choices).toEqual({ logLevel })
  }
})

test.each([
  [
    'kerbside.io/containers',
    ['', ',', 'train,', 'train, fetch', 'train,train', 'Train', 'kerbside', 'constructor', '*'],
  ],
  ['kerbside.io/clients', ['', 'ALL', 'all ', 'true', 'constructor']],
  ['kerbside.io/log-level', ['', 'DEBUG', 'debug\n', 'trace', '__proto__']],
])('%s is read in no other form', (name, values) => {
  for (const value of values) {
    expect(read({ [name]: value })).toMatchObject({ choices: {}, denials: [{ reason: 'bad-annotation' }] })
  }
})

test('a misspelt name is told the right one, and a name of every object is none of ours', () => {
  expect(read({ 'kerbside.io/loglevel': 'debug' }).denials[0]?.message).toContain(
    'did you mean `kerbside.io/log-level`?',
  )
  expect(read({ 'kerbside.io/constructor': 'x', 'kerbside.io/': 'x' }).denials.length).toBe(2)
})

test('what others annotate is theirs', () => {
  const others = {
    'kerbside.iox/containers': 'x',
    'x.kerbside.io/y': '',
    'kerbside.io': '',
    'KERBSIDE.IO/containers': 'x',
  }
  expect(read(others)).toEqual({ choices: {}, denials: [] })
})

test('whatever stands in an annotation of ours, the pod is refused or it is one of the forms', () => {
  const value = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.constantFrom('train', 'all', 'debug', 'fetch,train'))
  const some = fc.record(Object.fromEntries(Object.keys(ANNOTATIONS).map((name) => [name, value])), {
    requiredKeys: [],
  })
  fc.assert(
    fc.property(some, (given) => {
      const annotations = given as JsonObject
      const { choices, denials } = read(annotations)
      expect(Object.keys(choices).length + denials.length).toBe(Object.keys(annotations).length)
      const denied = outcome(ask(annotated(annotations)))
      expect(denied).toEqual(denials.length === 0 ? ['admit'] : denials.map(() => 'bad-annotation'))
    }),
  )
})
