/** The chart as it stands in its files, and the text that it gives; that the text is what Helm makes of it, test/e2e/install shows. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { programEntries } from '../../deploy/image/product.ts'
import { readOptions as readBrokerOptions } from '../../src/broker/options.ts'
import { readExportSettings } from '../../src/core/export-settings.ts'
import { evaluate } from '../../src/core/identity/evaluate.ts'
import { type JsonObject, objectAt, objectsAt, textAt } from '../../src/core/identity/json.ts'
import { SIDECAR_USER } from '../../src/core/identity/sidecar-container.ts'
import { readOptions as readExportOptions } from '../../src/export/options.ts'
import { readLoginSettings } from '../../src/review/login/settings.ts'
import { readOptions as readReviewOptions } from '../../src/review/options.ts'
import { readOptions as readWebhookOptions } from '../../webhook/options.ts'
import { BUNDLE, INJECTION } from '../core/identity/world.ts'

const ROOT = join(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const chart = globSync('deploy/chart/templates/**/*', { cwd: ROOT, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
const RENDERED = globSync(
  ['deploy/manifests/[0-9]*.yaml', 'deploy/kustomize/*/added.yaml', 'test/fixtures/chart/*.rendered.yaml'],
  { cwd: ROOT },
).sort()
const objectsOf = (file: string) =>
  parseAllDocuments(text(file))
    .map((document) => document.toJS() as JsonObject | null)
    .filter((object) => object !== null)
const podsOf = (file: string) =>
  objectsOf(file)
    .filter((object) => object['kind'] === 'Deployment' || object['kind'] === 'Pod')
    .map((object) => (object['kind'] === 'Pod' ? object : objectAt(objectAt(object, 'spec'), 'template')))
    .map((pod) => objectAt(pod, 'spec'))
const containersOf = (file: string) => podsOf(file).flatMap((pod) => objectsAt(pod, 'containers'))

type ReadOptions = (args: readonly string[]) => unknown
const OPTIONS: ReadonlyMap<unknown, ReadOptions> = new Map<string, ReadOptions>([
  ['webhook', readWebhookOptions],
  ['broker', readBrokerOptions],
  ['review', readReviewOptions],
  ['export', readExportOptions],
])

type ReadSettings = (content: unknown, source: string) => unknown
const SETTINGS: ReadonlyMap<string, ReadSettings> = new Map<string, ReadSettings>([
  ['login.yaml', readLoginSettings],
  ['export.yaml', readExportSettings],
])

test('the chart is of the version of the programs', () => {
  const { version } = JSON.parse(text('package.json')) as { version: string }
  expect(parse(text('deploy/chart/Chart.yaml'))).toMatchObject({ version, appVersion: version })
})

test('a template asks the cluster nothing, makes nothing up, and evaluates no value', () => {
  expect(chart.length).toBeGreaterThan(10)
  const wrong =
    /\b(lookup|rand\w+|gen\w*(Cert|CA|PrivateKey)\w*|uuidv4|now|tpl|env|getHostByName|htpasswd)\b(?=[^}\n]*}})/
  const found = chart.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/{{[^}]*}}/g)]
      .map(([action]) => action)
      .filter((action) => wrong.test(action)),
  )
  expect(found).toEqual([])
})

describe('values.yaml and values.schema.json', () => {
  type Schema = { readonly properties?: Readonly<Record<string, Schema>>; readonly additionalProperties?: unknown }
  const schema = JSON.parse(text('deploy/chart/values.schema.json')) as Schema
  const values = parse(text('deploy/chart/values.yaml')) as Readonly<Record<string, unknown>>

  function keysOf(of: Schema): string[] {
    return Object.entries(of.properties ?? {}).flatMap(([key, inner]) =>
      inner.properties === undefined ? [key] : [key, ...keysOf(inner).map((each) => `${key}.${each}`)],
    )
  }

  test('name the same values', () => {
    const named = (value: unknown, path: string): boolean =>
      path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value) !==
      undefined
    // What a login holds is told by the page that reads it.
    const silent = keysOf(schema).filter((path) => !named(values, path) && !path.startsWith('review.login.'))
    expect(silent).toEqual(['tls.issuer.name', 'tls.issuer.kind', 'tls.issuer.group', 'global'])
  })

  test('take nothing else', () => {
    const open = (of: Schema): boolean =>
      of.properties !== undefined && (of.additionalProperties !== false || Object.values(of.properties).some(open))
    expect(open(schema)).toBe(false)
  })
})

describe.each(RENDERED)('%s', (file) => {
  test('gives every program flags that it takes', () => {
    for (const { args } of containersOf(file).filter((container) => container['command'] === undefined)) {
      const [program, ...flags] = args as [string, ...string[]]
      expect(() => OPTIONS.get(program)?.(flags), `${program} ${flags.join(' ')}`).not.toThrow()
      expect(OPTIONS.has(program)).toBe(true)
    }
  })

  test('mounts what it has, and has what it mounts', () => {
    for (const pod of podsOf(file)) {
      const had = objectsAt(pod, 'volumes').map(({ name }) => name)
      const mounted = objectsAt(pod, 'containers').flatMap((container) => objectsAt(container, 'volumeMounts'))
      expect(mounted.map(({ name }) => name).sort()).toEqual(had.sort())
    }
  })

  test('gives programs settings that they understand', () => {
    const configMaps = objectsOf(file).filter(({ kind }) => kind === 'ConfigMap')
    for (const data of configMaps.map((configMap) => objectAt(configMap, 'data'))) {
      for (const [name, read] of SETTINGS) {
        const given = textAt(data, name)
        if (given !== undefined) expect(() => read(parse(given), name)).not.toThrow()
      }
    }
  })

  test('runs nothing that could become more than it is', () => {
    for (const pod of podsOf(file)) {
      const { runAsNonRoot, runAsUser } = objectAt(pod, 'securityContext')
      // The exporter may have a sidecar, and then must be somebody else.
      const isExport = objectsAt(pod, 'containers').some(({ name }) => name === 'export')
      expect([runAsNonRoot, runAsUser]).toEqual([true, isExport ? 65_533 : SIDECAR_USER])
      for (const container of objectsAt(pod, 'containers')) {
        expect(container['securityContext']).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
      }
    }
  })

  test('gives rights to named objects only, but for what has no name yet', () => {
    const unnamed = objectsOf(file)
      .filter((object) => object['kind'] === 'Role' || object['kind'] === 'ClusterRole')
      .flatMap((role) => objectsAt(role, 'rules'))
      .filter(({ resourceNames }) => resourceNames === undefined)
      .map(({ resources, verbs }) => `${String(resources)}: ${String(verbs)}`)
    const known = ['namespaces: list,watch', 'tokenreviews: create', 'pods,namespaces: get', 'events: create']
    expect(unnamed.filter((rule) => !known.includes(rule))).toEqual([])
  })
})

test('an exporter with an identity is a pod that the webhook takes, with no warning', () => {
  const file = 'test/fixtures/chart/records-elsewhere.rendered.yaml'
  const [deployment = {}] = objectsOf(file).filter(({ metadata, kind }) => {
    return kind === 'Deployment' && textAt(metadata as JsonObject, 'name') === 'kerbside-export'
  })
  const pod = objectAt(objectAt(deployment, 'spec'), 'template')
  const name = textAt(objectAt(objectAt(pod, 'metadata'), 'labels'), 'kerbside.io/identity') ?? ''
  const [quant] = BUNDLE.identities.values()
  if (quant === undefined) throw new Error('the world has no identity')
  const allowedFor = [{ namespace: 'kerbside', serviceAccounts: ['kerbside-export'] }]
  const bundle = { ...BUNDLE, identities: new Map([[name, { ...quant, name, allowedFor }]]) }
  const verdict = evaluate({ namespace: 'kerbside', stage: 'mutate', operation: 'CREATE', pod }, bundle, INJECTION)
  expect(verdict).toMatchObject({ effect: 'admit', identity: 'audit-export', warnings: [] })
})

test('the image has the manifests, which `kerbside render` prints', () => {
  const packed = programEntries(ROOT, join(ROOT, 'deploy/manifests')).map(({ path }) => path)
  const manifests = globSync('deploy/manifests/*.yaml', { cwd: ROOT }).map((file) => `kerbside/${file}`)
  expect(manifests.length).toBeGreaterThan(7)
  expect(packed).toEqual(expect.arrayContaining(manifests))
})

test('the list of images is all that the manifests and overlays run', () => {
  const listed = text('deploy/images.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const run = RENDERED.filter((file) => file.startsWith('deploy/')).flatMap(containersOf)
  expect(new Set(run.map(({ image }) => image))).toEqual(new Set(listed))
})
