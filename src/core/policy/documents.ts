/** The five kinds of policy document. Types, checks and JSON Schema all come from here. */
import { z } from 'zod'
import { NOT_OFFERED, OFFERED } from '../hdfs/operations.ts'
import { POLICY_REASONS, REQUEST_REASONS } from '../reasons.ts'
import { ACTION_WORDS } from './action.ts'
import * as field from './fields.ts'

export const API_VERSION = 'kerbside.io/v1'

const OPERATIONS = [...OFFERED.map(({ name }) => name), ...Object.values(NOT_OFFERED).flat()]
const REASONS = [...Object.keys(POLICY_REASONS), ...Object.keys(REQUEST_REASONS)]

const some = <T extends z.ZodType>(item: T) => z.array(item).min(1)

function document<K extends string, S extends z.ZodType>(kind: K, description: string, spec: S) {
  return z
    .strictObject({
      apiVersion: z.literal(API_VERSION),
      kind: z.literal(kind),
      metadata: z.strictObject({ name: field.name.describe('unique among documents of this kind') }),
      spec,
    })
    .describe(description)
}

const cluster = z.strictObject({
  nameservice: field.nameservice.describe('the name in hdfs://NAME/'),
  nameNodes: some(field.nameNode).describe('every NameNode; the active one is found by asking'),
  dataNodeHosts: some(field.hostPattern).describe('hosts that a NameNode may send a client to'),
  realm: field.realm,
  kdcs: some(field.kdc),
  secret: field.secretPath.describe('path in the secret store that holds `ca.pem`'),
})

const identity = z.strictObject({
  team: field.name.describe('the subject of grants'),
  cluster: field.name.describe('name of a HadoopCluster'),
  principal: field.principal,
  secret: field.secretPath.describe('path in the secret store that holds `keytab`'),
  home: field.path.describe('what HDFS clients see as their home directory'),
  allowedFor: some(z.strictObject({ namespace: field.name, serviceAccounts: some(field.serviceAccount) })).describe(
    'pods that may ask for this identity: by namespace and service account, without wildcards',
  ),
})

const dataset = z.strictObject({
  cluster: field.name.describe('name of a HadoopCluster'),
  owner: field.name.describe('team that answers for the data'),
  prefixes: some(field.path).describe('canonical paths; each covers itself and everything below'),
  labels: z.record(field.label, field.label).optional(),
  protect: z
    .boolean()
    .optional()
    .describe('whether the prefixes themselves may never be deleted, renamed or re-permissioned; true if absent'),
})

const grant = z.strictObject({
  effect: z.enum(['allow', 'deny']).describe('a deny that applies wins over every allow'),
  teams: some(field.name).optional(),
  identities: some(field.name).optional(),
  datasets: some(field.name).describe('an allow reaches what belongs to them, a deny everything below their prefixes'),
  actions: some(z.enum(ACTION_WORDS)).describe(
    'actions, or the presets `read`, `write` (with read) and `manage` (with write); in a deny a preset is its own step only, and `all` is everything',
  ),
  expires: field.instant.optional().describe('from this moment on the grant does not apply'),
  reason: field.sentence.optional().describe('why it was given, for whoever reviews it'),
})

const policyTest = z.strictObject({
  cases: some(
    z.strictObject({
      identity: field.name,
      operation: z.enum(OPERATIONS).describe('WebHDFS operation, such as `OPEN`'),
      path: z.string(),
      destination: z.string().optional().describe('where RENAME moves to'),
      parameters: z.record(z.string(), z.string()).optional().describe('such as `recursive: "true"`'),
      time: field.instant.optional().describe('when it happens; now if absent'),
      expect: z.enum(['allow', 'deny']),
      reason: z.enum(REASONS).optional().describe('reason code that must come with the decision'),
    }),
  ),
})

export const KINDS = {
  HadoopCluster: document('HadoopCluster', 'an HDFS and how to reach it', cluster),
  Identity: document('Identity', 'what a pod asks for by one label', identity),
  Dataset: document('Dataset', 'a named set of HDFS path prefixes', dataset),
  Grant: document('Grant', 'allows or denies teams or identities actions on datasets', grant),
  PolicyTest: document('PolicyTest', 'operations and what must come of them', policyTest),
} as const

export type Kind = keyof typeof KINDS
export type DocumentOf<K extends Kind> = z.infer<(typeof KINDS)[K]>
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** JSON Schema of one document, draft 7 since editors know it best. */
export function documentSchema(): object {
  const { HadoopCluster, Identity, Dataset, Grant, PolicyTest } = KINDS
  const any = z.discriminatedUnion('kind', [HadoopCluster, Identity, Dataset, Grant, PolicyTest])
  return { title: 'Kerbside policy document', ...z.toJSONSchema(any, { target: 'draft-7', io: 'input' }) }
}
