/** The kinds of policy document. Types, checks and JSON Schema all come from here. */
import { z } from 'zod'
import { OPERATION_NAMES } from '../../hdfs/operations.ts'
import { SECRETS_WAYS } from '../../identity/identity.ts'
import { POLICY_REASONS, REQUEST_REASONS } from '../../reasons.ts'
import { ACTION_WORDS, ACTIONS } from '../action.ts'
import { DAYS } from '../decision/window.ts'
import { DELEGATED_KINDS } from '../delegation.ts'
import { LONGEST_STALE_SECONDS } from '../slice.ts'
import * as field from './fields.ts'

export const API_VERSION = 'kerbside.io/v1'

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

const selector = z
  .strictObject({
    matchLabels: z.record(field.labelKey, field.label).optional(),
    matchExpressions: some(
      z.strictObject({
        key: field.labelKey,
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: some(field.label).optional().describe('of `In` and `NotIn`'),
      }),
    ).optional(),
  })
  .describe('labels, as Kubernetes selects by them: every condition must hold')

const limits = z
  .strictObject({
    largestFile: field.bytes.optional().describe('bytes of a file, such as `10Gi`'),
    largestReplication: z.int().positive().max(512).optional(),
    largestBlock: field.bytes.optional().describe('bytes of a block, such as `256Mi`'),
  })
  .describe('how large what is written may be')

const mode = z.enum(['enforce', 'shadow']).describe('in shadow what would have been denied or allowed is only recorded')

const trustedRealms = some(
  z.strictObject({
    realm: field.realm,
    kdcs: some(field.kdc),
    via: field.realm.optional().describe('the realm between, if there is no trust with the one of the cluster itself'),
  }),
).describe('other realms whose principals may be those of identities: Kerberos must trust them already')

const cluster = z
  .strictObject({
    nameservice: field.nameservice.describe('the name in hdfs://NAME/'),
    nameNodes: some(field.nameNode).describe(
      'every NameNode but observers, whose answers may be old, or every router of a federation; the active one is found by asking',
    ),
    dataNodeHosts: some(field.hostPattern).describe('hosts that a NameNode may send a client to'),
    realm: field.realm.describe('of the NameNodes'),
    kdcs: some(field.kdc),
    realms: trustedRealms.optional(),
    secret: field.secretPath.describe('path in the secret store that holds `ca.pem`'),
    configuration: field.secretPath
      .optional()
      .describe(
        "path in the secret store that holds the cluster's `core-site.xml`, `hdfs-site.xml` or both; what clients need of them reaches the jobs",
      ),
    limits: limits.optional().describe('for all datasets in it; a dataset may only narrow them'),
    insecureHttp: z
      .literal(true)
      .optional()
      .describe('NameNodes may be spoken to without TLS: whoever sees the network then sees data and delegation token'),
    decodesOnce: z
      .literal(true)
      .optional()
      .describe(
        'HDFS has HDFS-14423 (3.1.3, 3.2.1, newer): names with `%3A` in them, as of Hive partitions, can be reached',
      ),
  })
  .check(({ value: { nameNodes, insecureHttp }, issues }) => {
    for (const [index, origin] of nameNodes.entries()) {
      if (insecureHttp === true || !origin.startsWith('http:')) continue
      const message = 'is plain HTTP: that needs `insecureHttp: true`, since all the network sees the delegation token'
      issues.push({ code: 'custom', input: origin, path: ['nameNodes', index], message })
    }
  })

const resources = z.strictObject({ cpu: field.resource.optional(), memory: field.resource.optional() })
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const

const identity = z.strictObject({
  team: field.name.describe('the subject of grants'),
  cluster: field.name.describe('name of a HadoopCluster'),
  principal: field.principal,
  secret: field.secretPath.describe('path in the secret store that holds `keytab`'),
  home: field.path.describe('what HDFS clients see as their home directory'),
  allowedFor: some(
    z.strictObject({
      namespace: field.name.optional(),
      namespaceSelector: selector.optional().describe('namespaces by their labels'),
      anyNamespace: z.literal(true).optional().describe('every namespace, written out since it is rarely meant'),
      serviceAccounts: some(field.serviceAccount),
    }),
  ).describe('pods that may ask for this identity: by namespace and service account'),
  token: z
    .strictObject({
      expirationSeconds: z.int().min(600).max(86_400).optional(),
    })
    .optional()
    .describe('the service-account token by which the sidecar is known; its audience is reserved, and one for all'),
  maxStaleSeconds: z
    .int()
    .min(60)
    .max(LONGEST_STALE_SECONDS)
    .optional()
    .describe(
      'how long its sidecars go by the last policy when no broker is heard, then all is refused; 3600 if absent',
    ),
  secretsThrough: z
    .enum(SECRETS_WAYS)
    .optional()
    .describe(
      'who asks the secret store for the keytab and the CA of the cluster: the `sidecar` itself, or the `broker`, which looks at the pod once more; `sidecar` if absent',
    ),
  sidecar: z
    .strictObject({
      logLevel: z.enum(LOG_LEVELS).optional(),
      resources: z.strictObject({ requests: resources.optional(), limits: resources.optional() }).optional(),
    })
    .optional()
    .describe('settings of the sidecar that pods of this identity get'),
})

const dataset = z.strictObject({
  cluster: field.name.describe('name of a HadoopCluster'),
  owner: field.name.describe('team that answers for the data'),
  prefixes: some(field.path).describe('canonical paths; each covers itself and everything below'),
  labels: z.record(field.labelKey, field.label).optional(),
  protect: z
    .union([z.boolean(), some(field.subPath)])
    .optional()
    .describe(
      'whether the prefixes may never be deleted, renamed or re-permissioned, true if absent; or sub-paths for which that holds too',
    ),
  limits: limits.optional(),
})

const during = z
  .strictObject({
    days: some(z.enum(DAYS)).optional().describe('every day if absent'),
    from: field.timeOfDay.optional().describe('from midnight if absent'),
    to: field.timeOfDay.optional().describe('until midnight if absent; before `from`, it is in the next day'),
    zone: field.zone.describe('such as `Europe/Zurich`'),
  })
  .describe('hours of the week')

const grant = z.strictObject({
  effect: z.enum(['allow', 'deny']).describe('a deny that applies wins over every allow'),
  mode: mode.optional(),
  teams: some(field.name).optional(),
  identities: some(field.name).optional(),
  datasets: some(field.name)
    .optional()
    .describe('an allow reaches what belongs to them, a deny everything below their prefixes'),
  datasetSelector: selector.optional().describe('datasets by their labels, beside those that are named'),
  paths: some(field.subPath).optional().describe('only these sub-paths of each prefix'),
  actions: some(z.enum(ACTION_WORDS)).describe(
    'actions, or the presets `read`, `write` (with read) and `manage` (with write); in a deny a preset is its own step only, and `all` is everything',
  ),
  starts: field.instant.optional().describe('from this moment on the grant applies'),
  expires: field.instant.optional().describe('from this moment on the grant does not apply'),
  when: z
    .strictObject({
      during: during.optional(),
      namespaces: some(field.name).optional(),
      podSelector: selector.optional(),
    })
    .optional()
    .describe('conditions, which must all hold'),
  reason: field.sentence.optional().describe('why it was given, for whoever reviews it'),
  ticket: field.ticket.optional().describe('where it was asked for'),
})

const delegation = z.strictObject({
  team: field.name.describe('team that may write documents by itself'),
  cluster: field.name.describe('name of a HadoopCluster'),
  kinds: some(z.enum(DELEGATED_KINDS)).optional().describe('Grant and PolicyTest if absent'),
  datasets: some(field.name).optional().describe('datasets that its grants may be on'),
  datasetSelector: selector.optional().describe('the same by labels'),
  prefixes: some(field.path).optional().describe('at or below which it may place datasets'),
  labels: z.record(field.labelKey, some(field.label)).optional().describe('labels that its datasets may carry'),
  teams: some(field.name).optional().describe('whom it may grant to; every team if absent'),
  actions: some(z.enum([...ACTIONS, 'write', 'manage']))
    .optional()
    .describe('the most that its grants may allow; `manage` if absent'),
})

const policy = z.strictObject({ mode: mode.describe('of the whole bundle; without such a document it is enforced') })

const policyTest = z.strictObject({
  cases: some(
    z.strictObject({
      identity: field.name,
      operation: z.enum(OPERATION_NAMES).describe('WebHDFS operation, such as `OPEN`'),
      path: z.string(),
      destination: z.string().optional().describe('where RENAME moves to'),
      parameters: z.record(z.string(), z.string()).optional().describe('such as `recursive: "true"`'),
      time: field.instant.optional().describe('when it happens; now if absent'),
      namespace: field.name
        .optional()
        .describe('of the pod that asks; if absent it is not known, and no allow that asks for one applies'),
      podLabels: z.record(field.labelKey, field.label).optional().describe('of the pod that asks; the same holds'),
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
  Delegation: document('Delegation', 'what a team may write by itself', delegation),
  Policy: document('Policy', 'settings of the whole bundle', policy),
  PolicyTest: document('PolicyTest', 'operations and what must come of them', policyTest),
} as const

export type Kind = keyof typeof KINDS
export type DocumentOf<K extends Kind> = z.infer<(typeof KINDS)[K]>
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** JSON Schema of one document, draft 7 since editors know it best. */
export function documentSchema(): object {
  const { HadoopCluster, Identity, Dataset, Grant, Delegation, Policy, PolicyTest } = KINDS
  const any = z.discriminatedUnion('kind', [HadoopCluster, Identity, Dataset, Grant, Delegation, Policy, PolicyTest])
  return { title: 'Kerbside policy document', ...z.toJSONSchema(any, { target: 'draft-7', io: 'input' }) }
}
