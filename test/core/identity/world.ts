/** Two teams, one cluster and one operator's choices: what every admission test starts from. */
import type { Admission } from '../../../src/core/identity/admission.ts'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import type { Identity } from '../../../src/core/identity/identity.ts'
import { type Injection, toInjection } from '../../../src/core/identity/injection.ts'
import type { Json, JsonObject } from '../../../src/core/identity/json.ts'
import { applyPatch } from '../../../src/core/identity/json-patch.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import type { Bundle } from '../../../src/core/policy/bundle.ts'

export const CA = '-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n'

const identity = (name: string, namespace: string, more: Partial<Identity> = {}): Identity => ({
  name,
  team: namespace,
  principal: `${name}@LAB`,
  cluster: 'lab',
  secret: `hdfs/${name}`,
  home: `/team/${name}`,
  allowedFor: [{ namespace, serviceAccounts: ['trainer', 'evaluator'] }],
  at: `${name}.yaml:1`,
  ...more,
})

/** With settings of its own, which its pods get. */
export const HEAVY = identity('heavy-replay', 'ml-quant', {
  tokenSeconds: 7200,
  sidecar: { logLevel: 'debug', resources: { requests: { memory: '512Mi' }, limits: { cpu: '2' } } },
})

/** For the namespaces that carry a label, whatever they are called. */
const LABELLED = identity('labelled-sandbox', 'nowhere', {
  allowedFor: [
    { namespaceSelector: [{ key: 'stage', operator: 'In', values: ['sandbox'] }], serviceAccounts: ['trainer'] },
  ],
})
const ANYWHERE = identity('public-reader', 'nowhere', {
  allowedFor: [{ anyNamespace: true, serviceAccounts: ['reader'] }],
})

const named = (identities: readonly Identity[]) => new Map(identities.map((each) => [each.name, each]))

export const BUNDLE: Bundle = {
  hash: `sha256:${'0'.repeat(64)}`,
  mode: 'enforce',
  identities: named([
    identity('quant-research', 'ml-quant'),
    identity('climate-models', 'ml-climate'),
    HEAVY,
    LABELLED,
    ANYWHERE,
  ]),
  clusters: new Map([
    [
      'lab',
      {
        name: 'lab',
        nameservice: 'lab',
        nameNodes: ['https://nn1.lab:9871', 'https://nn2.lab:9871'],
        dataNodeHosts: ['*.data.lab'],
        realm: 'LAB',
        kdcs: ['kdc.lab:88'],
        realms: [{ realm: 'CORP', kdcs: ['ad.corp:88'] }],
        secret: 'hdfs/lab',
        at: 'lab/cluster.yaml:1',
      },
    ],
  ]),
  datasets: new Map(),
  grants: [],
  delegations: [],
  tests: [],
}

const FILE = {
  image: 'kerbside:dev',
  broker: 'https://kerbside-broker.kerbside.svc:8443',
  store: 'openbao',
  storeUrl: 'https://bao.lab:8200',
  storeRole: 'kerbside',
}

export const injectionOf = (changes: Record<string, unknown> = {}): Injection =>
  toInjection(readInjection({ ...FILE, ...changes }, 'test'), CA)

export const INJECTION = injectionOf()

/** A pod of team quant as a person writes it. */
export const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'train', labels: { 'kerbside.io/identity': 'quant-research' } },
  spec: { serviceAccountName: 'trainer', containers: [{ name: 'train', image: 'python:3' }] },
} as const satisfies JsonObject

/** POD with a spec that has these fields too. */
export const podWith = (spec: Record<string, unknown>): JsonObject =>
  ({ ...POD, spec: { ...POD.spec, ...spec } }) as JsonObject

/** POD whose one container has these fields too. */
export const podWithContainer = (fields: Record<string, unknown>): JsonObject =>
  podWith({ containers: [{ ...POD.spec.containers[0], ...fields }] })

export const ask = (pod: unknown, about: Partial<Admission> = {}, injection = INJECTION, bundle = BUNDLE) =>
  evaluate({ namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE', ...about, pod }, bundle, injection)

/** The pod with what mutate adds; fails where it is denied. */
export function injected(pod: JsonObject, injection = INJECTION, about: Partial<Admission> = {}): JsonObject {
  const verdict = ask(pod, about, injection)
  if (verdict.effect === 'deny') throw new Error(verdict.denials.map(({ message }) => message).join('\n'))
  return applyPatch(pod as Json, verdict.patch) as JsonObject
}

/** Reasons of a denial, or `admit`. */
export function outcome(verdict: ReturnType<typeof ask>): readonly string[] {
  return verdict.effect === 'admit' ? ['admit'] : verdict.denials.map(({ reason }) => reason)
}
