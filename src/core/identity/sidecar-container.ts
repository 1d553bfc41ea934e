/**
 * The sidecar as it stands in the pod: its container and its volumes. Every field that the API server would fill in is
 * written out, so that a pod that was admitted can be compared with what would be injected.
 */
import { SETTINGS, type Settings, writeSettings } from '../settings.ts'
import type { SidecarSpec } from './injection.ts'
import type { JsonObject } from './json.ts'
import { SIDECAR_MEMORY } from './sidecar-memory.ts'

export const SIDECAR_NAME = 'kerbside'
/** Names of containers and volumes that begin so are ours. */
export const RESERVED_PREFIX = 'kerbside'
/** User and group of the sidecar; no other container of the pod may run as it. */
export const SIDECAR_USER = 65_532
/** Audience of the one service-account token that broker and secret store accept. */
export const RESERVED_AUDIENCE = 'kerbside.io'
/** The one volume that other containers mount: Hadoop client configuration, nothing secret. */
export const CLIENT_VOLUME = 'kerbside-client'
export const CLIENT_DIRECTORY = '/etc/kerbside'

/** Holds the token of the reserved audience. */
export const TOKEN_VOLUME = 'kerbside-token'
const SECRETS_VOLUME = 'kerbside-secrets'
const TOKEN_DIRECTORY = '/var/run/secrets/kerbside.io'
const RUN_DIRECTORY = '/run/kerbside'
const AUDIT_DIRECTORY = '/var/kerbside/audit'
/** Octal 0644; Kubernetes narrows it to the group of the pod where there is one. */
const FILE_MODE = 420
const STARTUP_ATTEMPTS = 300

/** The init container that stays: `restartPolicy: Always` makes it a sidecar (KEP-753). */
export function sidecarContainer(spec: SidecarSpec, identity: string): JsonObject {
  return {
    name: SIDECAR_NAME,
    image: spec.image,
    imagePullPolicy: spec.imagePullPolicy,
    args: ['sidecar'],
    restartPolicy: 'Always',
    env: environment(settingsOf(spec, identity)),
    resources: resources(spec),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: spec.user,
      runAsGroup: SIDECAR_USER,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      privileged: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // The job's own containers start only when there are credentials.
    startupProbe: {
      httpGet: { path: '/startupz', port: spec.healthPort, scheme: 'HTTP' },
      periodSeconds: 1,
      timeoutSeconds: 3,
      successThreshold: 1,
      failureThreshold: STARTUP_ATTEMPTS,
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: TOKEN_VOLUME, mountPath: TOKEN_DIRECTORY, readOnly: true },
      { name: 'kerbside-run', mountPath: RUN_DIRECTORY },
      { name: 'kerbside-audit', mountPath: AUDIT_DIRECTORY },
      { name: CLIENT_VOLUME, mountPath: CLIENT_DIRECTORY },
      ...(spec.secretsVolume === undefined
        ? []
        : [{ name: SECRETS_VOLUME, mountPath: spec.storeMount, readOnly: true }]),
    ],
  }
}

/** What it asks for, by what the pod leaves it. */
function resources(spec: Pick<SidecarSpec, 'resources' | 'room'>): JsonObject {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, limitedCpu } = spec.resources
  const asked = { cpu: cpuRequest, memory: memoryRequest }
  const inFull = { cpu: limitedCpu, memory: memoryLimit }
  if (spec.room === 'none') return {}
  if (spec.room === 'guaranteed') return { requests: inFull, limits: { ...inFull } }
  if (spec.room === 'limited') return { requests: asked, limits: inFull }
  // No CPU limit unless the identity wants one: throttling slows every read of the job.
  return { requests: asked, limits: { ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }), memory: memoryLimit } }
}

/** The volumes of the sidecar. All but {@link CLIENT_VOLUME} are for it alone. */
export function sidecarVolumes(spec: SidecarSpec): readonly JsonObject[] {
  const token = { audience: RESERVED_AUDIENCE, expirationSeconds: spec.tokenSeconds, path: 'token' }
  return [
    { name: TOKEN_VOLUME, projected: { defaultMode: FILE_MODE, sources: [{ serviceAccountToken: token }] } },
    { name: 'kerbside-run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
    // No size limit: the kubelet would evict the job for it. The sidecar itself stops before the disk is full.
    { name: 'kerbside-audit', emptyDir: {} },
    { name: CLIENT_VOLUME, emptyDir: {} },
    ...(spec.secretsVolume === undefined ? [] : [{ ...spec.secretsVolume, name: SECRETS_VOLUME }]),
  ]
}

/** What the sidecar will read; fields of the pod are filled in by Kubernetes, so their values here are not written. */
function settingsOf(spec: SidecarSpec, identity: string): Settings {
  const filledIn = { pod: '', podUid: '', namespace: '', serviceAccount: '', node: '' }
  return {
    ...filledIn,
    identity,
    broker: spec.broker,
    ca: spec.ca,
    tokenFile: `${TOKEN_DIRECTORY}/token`,
    store: spec.store,
    storeUrl: spec.storeUrl,
    storeMount: spec.storeMount,
    storeRole: roleOf(spec, identity),
    storeAuth: spec.storeAuth,
    storeLoginUrl: spec.storeLoginUrl,
    storeNamespace: spec.storeNamespace,
    storeKvVersion: spec.storeKvVersion,
    gatewayPort: spec.gatewayPort,
    healthPort: spec.healthPort,
    runDirectory: RUN_DIRECTORY,
    auditDirectory: AUDIT_DIRECTORY,
    clientDirectory: CLIENT_DIRECTORY,
    logLevel: spec.logLevel,
  }
}

/** A role for each identity keeps one team's sidecar from another's keytab. */
const roleOf = ({ storeRole, storeRoles }: SidecarSpec, identity: string): string =>
  (Object.hasOwn(storeRoles, identity) ? storeRoles[identity] : undefined) ??
  storeRole.replaceAll('{identity}', identity)

const MEMORY = Object.entries(SIDECAR_MEMORY).map(([name, value]) => ({ name, value }))

/** In the order of the settings table. */
const ROWS = Object.values(SETTINGS).map(({ env, fieldPath }) => ({
  env,
  // The pod's own, which Kubernetes fills in.
  filledIn: fieldPath && { name: env, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } },
}))

function environment(settings: Settings): readonly JsonObject[] {
  const values = writeSettings(settings)
  return [
    ...MEMORY,
    ...ROWS.map(({ env, filledIn }) => filledIn || { name: env, value: unexpanded(values[env] ?? '') }),
  ]
}

/** Kubernetes expands `$(NAME)` in values; `$$` is how it spells a `$`. */
const unexpanded = (value: string) => (value.includes('$') ? value.replaceAll('$', '$$$$') : value)
