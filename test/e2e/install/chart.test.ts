/** What the chart gives for which values, held as text, and what it refuses. `UPDATE_DOCS=1` writes the text anew. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { byTemplate, CHART, helm, lab, nameOf, objectsIn, ROOT, template, yamlOf } from './helm.ts'

const CASES = join(ROOT, 'test/fixtures/chart')
const MANIFESTS = join(ROOT, 'deploy/manifests')
/** As long as a name of a namespace may be. */
const LONG = `kerbside-${'n'.repeat(54)}`
const names = globSync('*.values.yaml', { cwd: CASES })
  .map((file) => basename(file, '.values.yaml'))
  .sort()
const isUpdating = process.env['UPDATE_DOCS'] === '1'
const { kubectl, namespace } = kubernetes(lab.folder)

const valuesOf = (name: string) => parse(readFileSync(join(CASES, `${name}.values.yaml`), 'utf8')) as object

async function rendered(values: object, into?: string): Promise<string> {
  const { code, out, err } = await template(values, into)
  expect([code, err]).toEqual([0, ''])
  return out
}

const defaults = () => rendered({ createNamespace: true })

function holdsAs(file: string, text: string): void {
  if (isUpdating) writeFileSync(file, text)
  expect(readFileSync(file, 'utf8')).toBe(text)
}

test('deploy/manifests is what the chart gives by itself, with its namespace, file by file', async () => {
  const texts = byTemplate(await defaults())
  for (const [file, documents] of texts) {
    const head = `# Written from deploy/chart/templates/${file}: change that one.\n\n`
    if (!file.startsWith('tests/')) holdsAs(join(MANIFESTS, file), `${head}${documents.join('---\n')}`)
  }
  const files = globSync('[0-9]*.yaml', { cwd: MANIFESTS }).sort()
  expect([...texts.keys()].filter((file) => !file.startsWith('tests/')).sort()).toEqual(files)
})

describe.each(names)('with the values of %s', (name) => {
  test('what is other than by default is as it is held', async () => {
    const known = new Set([...byTemplate(await rendered({})).values()].flat())
    const documents = [...byTemplate(await rendered(valuesOf(name))).values()].flat()
    const isThere = new Set(documents)
    const gone = [...known].filter((text) => !isThere.has(text)).flatMap(objectsIn)
    const kept = documents.flatMap(objectsIn).map(nameOf)
    const missing = gone.map(nameOf).filter((object) => !kept.includes(object))
    const held = [`# not there: ${missing.join(', ') || 'nothing'}\n`, ...documents.filter((text) => !known.has(text))]
    holdsAs(join(CASES, `${name}.rendered.yaml`), held.join('---\n'))
  })

  test('two renders are the same bytes', async () => {
    expect(await rendered(valuesOf(name))).toBe(await rendered(valuesOf(name)))
  })

  test('Helm finds nothing to complain of', async () => {
    const { code, out } = await helm(['lint', '--strict', CHART, '--values', '-'], yamlOf(valuesOf(name)))
    expect([code, out]).toEqual([0, expect.stringContaining('0 chart(s) failed')])
  })
})

test('the monitors are those of deploy/monitoring', async () => {
  const isMonitor = ({ kind }: JsonObject) => kind === 'PodMonitor'
  const monitors = objectsIn(await rendered({ monitoring: { podMonitors: true } })).filter(isMonitor)
  const apart = objectsIn(readFileSync(join(ROOT, 'deploy/monitoring/pod-monitors.yaml'), 'utf8'))
  const byName = (objects: readonly JsonObject[]) => new Map(objects.map((object) => [nameOf(object), object]))
  expect(byName(monitors)).toEqual(byName(apart))
})

test('text in values arrives as it was written, and makes no object', async () => {
  const values = valuesOf('hostile-text') as {
    policies: { files: object }
    injection: { file: object }
    webhook: { args: string[] }
  }
  const objects = objectsIn(await rendered(values))
  const named = (name: string) => objects.find((object) => nameOf(object) === name) ?? {}
  expect(objectAt(named('ConfigMap/kerbside/kerbside-policies'), 'data')).toEqual(values.policies.files)
  const { 'injection.yaml': injection } = objectAt(named('ConfigMap/kerbside/kerbside-injection'), 'data')
  expect(parse(String(injection))).toMatchObject(values.injection.file)
  const pod = objectAt(objectAt(objectAt(named('Deployment/kerbside/kerbside-webhook'), 'spec'), 'template'), 'spec')
  expect(objectsAt(pod, 'containers')[0]?.['args']).toEqual(expect.arrayContaining(values.webhook.args))
  const secrets = objects.filter(({ kind }) => kind === 'Secret').map(nameOf)
  expect(secrets).toEqual(['Secret/kerbside/kerbside-ca'])
})

describe('on a real API server', () => {
  beforeAll(async () => {
    for (const name of ['kerbside', LONG, 'hdfs']) await namespace(name)
  })
  afterAll(() => kubectl(['delete', 'namespace', LONG, 'hdfs', '--wait=false']))

  /** Those of other projects are not installed here. */
  const isKnown = ({ apiVersion }: JsonObject) =>
    !/^(cert-manager\.io|monitoring\.coreos\.com)\//.test(String(apiVersion))

  test.each(['nothing', ...names])('every object is taken, with the values of %s', async (name) => {
    const values = name === 'nothing' ? {} : valuesOf(name)
    for (const into of ['kerbside', LONG]) {
      const items = objectsIn(await rendered({ ...values, createNamespace: false }, into)).filter(isKnown)
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
      const said = await kubectl(['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'], {
        input,
      })
      expect(said.trim().split('\n').length).toBe(items.length)
    }
  })
})

test('in another namespace nothing is left of the one that is usual', async () => {
  const objects = objectsIn(await rendered({ createNamespace: true }, LONG))
  const usual = /"namespace":"kerbside"|\.kerbside\.svc|=kerbside[/"]/
  expect(objects.map((object) => JSON.stringify(object)).filter((text) => usual.test(text))).toEqual([])
  const namespaces = new Set(objects.map((object) => objectAt(object, 'metadata')['namespace']))
  expect(namespaces).toEqual(new Set([undefined, LONG]))
})
