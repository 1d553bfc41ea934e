/** Reviews by the thousand from a seed: well-formed ones, near misses of them, and bytes that are hardly any. */
import type { Json, JsonObject } from '../../src/core/identity/json.ts'
import { injected, POD, podWith, podWithContainer } from '../core/identity/world.ts'
import type { Random } from '../fuzz/random.ts'
import { review } from './in-process.ts'

export type HostileReview = { readonly stage: 'mutate' | 'validate'; readonly body: Buffer }

const labelled = (identity: Json): JsonObject => ({
  ...POD,
  metadata: { ...POD.metadata, labels: { 'kerbside.io/identity': identity } },
})
const INJECTED = injected(POD)
/** What pods look like before anything is done to them. */
const PODS: readonly JsonObject[] = [
  POD,
  INJECTED,
  injected(labelled('heavy-replay')),
  labelled('climate-models'),
  labelled('public-reader'),
  { ...POD, metadata: { name: 'train' } },
  podWith({ initContainers: [{ name: 'prepare', image: 'busybox' }], serviceAccountName: 'evaluator' }),
  podWith({ hostPID: true }),
  podWithContainer({ securityContext: { privileged: true } }),
  podWithContainer({ securityContext: { runAsUser: 65532 } }),
  podWithContainer({ env: [{ name: 'A', value: 'b' }], volumeMounts: [{ name: 'kerbside-token', mountPath: '/t' }] }),
]

/** What is put in the place of something else. */
const JUNK: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  65_532,
  1e308,
  '',
  'kerbside',
  'kerbside-token',
  'kerbside-run',
  'Always',
  'trainer',
  'quant-research',
  'ml-quant',
  '\u0000',
  '../../etc',
  '__proto__',
  [],
  {},
  [null],
  [[]],
  [{}],
  { name: 'kerbside' },
  { name: 'kerbside', image: 'evil', restartPolicy: 'Always' },
  { emptyDir: {}, name: 'kerbside-run' },
  { privileged: true },
  { name: 'train', image: 'x', volumeMounts: [{ name: 'kerbside-token', mountPath: '/t' }] },
]
const KEYS = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', ''],
  ...[
    'initContainers',
    'containers',
    'ephemeralContainers',
    'volumes',
    'volumeMounts',
    'hostNetwork',
    'hostPID',
    'hostIPC',
  ],
  ...[
    'shareProcessNamespace',
    'securityContext',
    'serviceAccountName',
    'serviceAccount',
    'labels',
    'annotations',
    'restartPolicy',
  ],
  ...['env', 'envFrom', 'image', 'name', 'kerbside.io/identity', 'dnsConfig', 'hostAliases', 'runAsUser', 'privileged'],
] as const

/** The same value with one place of it changed, added, doubled or taken away. */
function changed(value: Json, random: Random): Json {
  if (random.chance(0.15)) return random.pick(JUNK)
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.2)) return [...value, random.pick(JUNK)]
    const at = random.below(value.length)
    if (random.chance(0.15)) return value.toSpliced(at, 1)
    if (random.chance(0.1)) return value.toSpliced(at, 0, value[at] as Json)
    return value.with(at, changed(value[at] as Json, random))
  }
  if (typeof value !== 'object' || value === null) return random.pick(JUNK)
  const entries = Object.entries(value)
  if (entries.length === 0 || random.chance(0.2)) return own([...entries, [random.pick(KEYS), random.pick(JUNK)]])
  const at = random.below(entries.length)
  const [key, child] = entries[at] as [string, Json]
  if (random.chance(0.1)) return own(entries.toSpliced(at, 1))
  if (random.chance(0.05)) return own(entries.with(at, [random.pick(KEYS), child]))
  return own(entries.with(at, [key, changed(child, random)]))
}

/** `Object.fromEntries` makes own keys of all of them, `__proto__` too. */
const own = (entries: readonly (readonly [string, Json])[]): JsonObject => Object.fromEntries(entries)

function hostilePod(random: Random): Json {
  let pod: Json = random.pick(PODS)
  for (
    let left = random.weighed([
      [3, 0],
      [5, 1],
      [3, 2],
      [1, 6],
    ] as const);
    left > 0;
    left -= 1
  )
    pod = changed(pod, random)
  return pod
}

export function hostileReview(random: Random): HostileReview {
  const pod = hostilePod(random)
  const isUpdate = random.chance(0.25)
  const old = random.chance(0.5) ? pod : hostilePod(random)
  const about = {
    uid: `u-${random.below(1e6)}`,
    namespace: random.weighed([
      [8, 'ml-quant'],
      [2, 'ml-climate'],
      [1, 'default'],
      [1, ''],
    ] as const),
    operation: isUpdate
      ? 'UPDATE'
      : random.weighed([
          [20, 'CREATE'],
          [1, 'DELETE'],
          [1, 'CONNECT'],
          [1, ''],
        ] as const),
    ...(isUpdate || random.chance(0.1) ? { oldObject: old } : {}),
  }
  const stage = random.chance(0.5) ? 'mutate' : 'validate'
  const text = review(pod, about)
  if (random.chance(0.8)) return { stage, body: Buffer.from(text) }
  const envelope = random.chance(0.5) ? JSON.stringify(changed(JSON.parse(text) as Json, random)) : text
  return { stage, body: random.chance(0.5) ? Buffer.from(envelope) : damaged(Buffer.from(envelope), random) }
}

/** Bytes cut, changed, or said twice. */
function damaged(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length)
  const to = Math.min(bytes.length, at + 1 + random.below(40))
  const way = random.below(5)
  if (way === 0) return bytes.subarray(0, at)
  if (way === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
  if (way === 2) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
  if (way === 3) return Buffer.concat([bytes.subarray(0, at), Buffer.of(random.below(256)), bytes.subarray(at + 1)])
  const twice = /"(spec|labels|metadata|hostPID|uid|namespace)":/.exec(bytes.toString('latin1').slice(at))
  if (twice === null) return bytes
  const key = Buffer.from(`${twice[0]}${JSON.stringify(random.pick(JUNK))},`)
  const place = at + twice.index
  return Buffer.concat([bytes.subarray(0, place), key, bytes.subarray(place)])
}
