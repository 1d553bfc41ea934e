/**
 * The sidecar of each version, as it stood in a pod, is kept in test/fixtures/sidecar-forms and is never written anew. A change of
 * the sidecar fails here first: `UPDATE_DOCS=1` puts its new form beside the others, and then the one before is refused until
 * sidecar-forms.ts makes it too.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { toInjection } from '../../../src/core/identity/injection.ts'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { sidecarContainer } from '../../../src/core/identity/sidecar-container.ts'
import { formsOf } from '../../../src/core/identity/sidecar-forms.ts'
import { ask, injected, POD } from './world.ts'

const FORMS = join(import.meta.dirname, '../../fixtures/sidecar-forms')
/** Written out: what the world of other tests has may change, and a form that is kept may not. */
const FILE = {
  image: 'kerbside:dev',
  imagePullPolicy: 'IfNotPresent',
  broker: 'https://kerbside-broker.kerbside.svc:8444',
  store: 'files',
  storeMount: '/var/secrets',
  secretsVolume: { csi: { driver: 'secrets.example.org', readOnly: true } },
  resources: { cpuRequest: '10m', memoryRequest: '48Mi', memoryLimit: '256Mi', limitedCpu: '500m' },
}
const CA = '-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n'
const injection = toInjection(readInjection(FILE, 'test'), CA)

type Form = { readonly container: JsonObject; readonly volumes: readonly JsonObject[] }

function formIn(pod: JsonObject): Form {
  const [container = {}] = objectsAt(objectAt(pod, 'spec'), 'initContainers')
  return { container, volumes: objectsAt(objectAt(pod, 'spec'), 'volumes') }
}

const withForm = ({ container, volumes }: Form): JsonObject => {
  const pod = injected(POD, injection)
  return { ...pod, spec: { ...objectAt(pod, 'spec'), initContainers: [container], volumes: [...volumes] } }
}

const present = formIn(injected(POD, injection))
const numbers = globSync('*.yaml', { cwd: FORMS })
  .map((file) => Number.parseInt(file, 10))
  .sort((one, other) => one - other)
const read = (number: number) => parse(readFileSync(join(FORMS, `${number}.yaml`), 'utf8')) as Form
const last = numbers.at(-1) ?? 0

test('the form of this version is the last of those that are kept', () => {
  const isNew = last === 0 || JSON.stringify(read(last)) !== JSON.stringify(present)
  if (isNew && process.env['UPDATE_DOCS'] === '1') {
    mkdirSync(FORMS, { recursive: true })
    writeFileSync(join(FORMS, `${last + 1}.yaml`), stringify(present, { lineWidth: 0 }))
    return
  }
  expect(present).toEqual(read(last))
})

describe.each(numbers)('form %i', (number) => {
  test.each(['mutate', 'validate', 'running'] as const)('is ours at the stage %s, and gets nothing', (stage) => {
    expect(ask(withForm(read(number)), { stage }, injection)).toMatchObject({ effect: 'admit', patch: [] })
  })
})

test('no more forms are ours than are kept', () => {
  const made = [...formsOf(sidecarContainer(injection.current, 'quant-research'))]
  expect(new Set(made.map((form) => JSON.stringify(form))).size).toBe(numbers.length)
})
