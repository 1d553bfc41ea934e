/** What the operator decides about every sidecar: the injection file, read strictly. A pod decides nothing of this. */
import { z } from 'zod'
import { parseQuantity } from '../quantity.ts'
import { SETTINGS, SIDECAR_STORES } from '../settings.ts'
import { storeProblems } from '../store-needs.ts'
import type { JsonObject } from './json.ts'
import type { Room } from './room.ts'
import { SIDECAR_USER } from './sidecar-container.ts'

/** A string that a row of the settings table accepts: the sidecar will read it with the same row. */
const setting = (row: { readonly read: (text: string) => { problem: string } | object }) =>
  z.string().superRefine((text, context) => {
    const read = row.read(text)
    if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem })
  })

const quantity = z.string().refine((text) => parseQuantity(text) !== undefined, 'is not a quantity such as `48Mi`')

const FIELDS = {
  image: z.string().regex(/^[a-z0-9][\w./:@-]*$/, 'is not an image such as `kerbside:1.0` or `kerbside@sha256:…`'),
  imagePullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
  broker: setting(SETTINGS.broker),
  store: z.enum(SIDECAR_STORES),
  storeUrl: setting(SETTINGS.storeUrl),
  /** Folder of the files store in the sidecar, mount of the KV engine, region or project. */
  storeMount: setting(SETTINGS.storeMount),
  /** Role to log in with; `{identity}` in it becomes the name of the identity. */
  storeRole: setting(SETTINGS.storeRole),
  /** Roles of single identities, where their names do not tell them. */
  storeRoles: z.record(z.string(), setting(SETTINGS.storeRole)),
  storeAuth: setting(SETTINGS.storeAuth),
  storeLoginUrl: setting(SETTINGS.storeLoginUrl),
  storeNamespace: setting(SETTINGS.storeNamespace),
  storeKvVersion: z.enum(['1', '2']),
  /** Where the files store is, as a Kubernetes volume source: `csi: {driver: …}`. */
  secretsVolume: z.record(z.string(), z.json()).optional(),
  /** Further CAs in PEM, for a secret store that does not share ours. */
  authorities: setting(SETTINGS.ca).optional(),
  gatewayPort: z.int().min(1).max(65_535),
  healthPort: z.int().min(1).max(65_535),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']),
  resources: z.strictObject({
    cpuRequest: quantity,
    memoryRequest: quantity,
    memoryLimit: quantity,
    /** CPU where the sidecar must have a limit, since every container of the pod has one. */
    limitedCpu: quantity.default('500m'),
  }),
  /** Secrets of the pod's own namespace that the registry of the image asks for. */
  imagePullSecrets: z.array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'is not the name of a Secret')),
} as const

/** The file: what is injected now, and what pods may still carry that were admitted before it changed. */
export const injectionSchema = z
  .strictObject({
    ...FIELDS,
    imagePullPolicy: FIELDS.imagePullPolicy.default('IfNotPresent'),
    storeUrl: FIELDS.storeUrl.default('none'),
    storeMount: FIELDS.storeMount.default('kv'),
    storeRole: FIELDS.storeRole.default('none'),
    storeRoles: FIELDS.storeRoles.default({}),
    storeAuth: FIELDS.storeAuth.default('none'),
    storeLoginUrl: FIELDS.storeLoginUrl.default('none'),
    storeNamespace: FIELDS.storeNamespace.default('none'),
    storeKvVersion: FIELDS.storeKvVersion.default('2'),
    gatewayPort: FIELDS.gatewayPort.default(9870),
    healthPort: FIELDS.healthPort.default(9872),
    logLevel: FIELDS.logLevel.default('info'),
    resources: FIELDS.resources.default({
      cpuRequest: '10m',
      memoryRequest: '48Mi',
      memoryLimit: '256Mi',
      limitedCpu: '500m',
    }),
    imagePullSecrets: FIELDS.imagePullSecrets.default([]),
    /** Folders of nodes that pods with an identity may mount all the same, each with all that is below it. */
    allowedHostPaths: z.array(z.string().regex(/^\/[^/]/, 'is not an absolute folder below `/`')).default([]),
    /** Names of CSI drivers whose inline volumes pods with an identity may have. */
    allowedCsiDrivers: z.array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'is not a CSI driver')).default([]),
    /** Values that were in force before; each entry names only what was different then. */
    earlier: z.array(z.strictObject(FIELDS).partial()).default([]),
  })
  .superRefine((file, context) => {
    if (file.store === 'files' && file.secretsVolume === undefined) {
      context.addIssue({ code: 'custom', path: ['secretsVolume'], message: 'is missing: the files store is a volume' })
    }
    const named = Object.values(file.storeRoles)
    const roles = file.storeRole === 'none' && named.length > 0 ? named : [file.storeRole, ...named]
    const problems = roles.flatMap((role) =>
      storeProblems({ ...file, storeRole: role.replaceAll('{identity}', 'identity') }),
    )
    for (const [message, setting] of new Map(problems.map(({ message, setting }) => [message, setting]))) {
      context.addIssue({ code: 'custom', path: [setting], message })
    }
  })

/** Of an identity that does not say; Kubernetes renews a projected token at 80 % of its life. */
const TOKEN_SECONDS = 3600

export type InjectionFile = z.output<typeof injectionSchema>

type Withheld = 'allowedHostPaths' | 'allowedCsiDrivers' | 'earlier' | 'secretsVolume' | 'authorities' | 'resources'

/** What one sidecar is made of. */
export type SidecarSpec = Omit<InjectionFile, Withheld> & {
  readonly resources: InjectionFile['resources'] & { readonly cpuLimit?: string }
  /** Lifetime of its service-account token. */
  readonly tokenSeconds: number
  readonly secretsVolume?: JsonObject | undefined
  /** What the pod leaves it of its node, and who it runs as there. */
  readonly room: Room
  readonly user: number
  /** Certificates in PEM that the sidecar trusts for broker and secret store. */
  readonly ca: string
  /** Those that a pod may hold of: with ones that are not given out yet, or no longer. */
  readonly knownCa: string
}

/** All that {@link evaluate} needs to know of the operator's choices. */
export type Injection = {
  readonly current: SidecarSpec
  /** What a pod may also carry, because it was admitted when that was current. */
  readonly earlier: readonly SidecarSpec[]
  readonly allowedHostPaths: readonly string[]
  readonly allowedCsiDrivers: readonly string[]
}

/**
 * The file together with the certificates of our own authorities, in PEM.
 * @param ca what sidecars are given
 * @param knownCa what they may have been given by another webhook, which heard of a new authority sooner or later
 */
export function toInjection(file: InjectionFile, ca: string, knownCa = ca): Injection {
  const { allowedHostPaths, allowedCsiDrivers, earlier, ...current } = file
  const withMore = (ours: string, more: string | undefined) =>
    more === undefined ? ours : `${ours.trimEnd()}\n${more}`
  const spec = ({
    authorities,
    ...rest
  }: Omit<InjectionFile, 'allowedHostPaths' | 'allowedCsiDrivers' | 'earlier'>): SidecarSpec => ({
    ...rest,
    tokenSeconds: TOKEN_SECONDS,
    room: 'burstable',
    user: SIDECAR_USER,
    secretsVolume: rest.secretsVolume as JsonObject | undefined,
    ca: withMore(ca, authorities),
    knownCa: withMore(knownCa, authorities),
  })
  return {
    current: spec(current),
    earlier: earlier.map((then) => spec({ ...current, ...withoutUndefined(then) })),
    allowedHostPaths,
    allowedCsiDrivers,
  }
}

const withoutUndefined = <T extends object>(partial: T) =>
  Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
