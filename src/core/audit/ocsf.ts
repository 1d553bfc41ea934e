/**
 * Records as events of the Open Cybersecurity Schema Framework, version 1.3.0, with its profile `security_control`: an operation
 * is a File System Activity (class 1001), one event for its start and one for its end; what the webhook and the broker decide is
 * an API Activity (class 6003); everything else is a Base Event (class 0). Names and numbers: github.com/ocsf/ocsf-schema.
 */
import { noteText } from './note-text.ts'
import type { AuditRecord, What } from './record.ts'
import type { EndRecord, Note, Start } from './row.ts'

export const OCSF_VERSION = '1.3.0'

export type OcsfEvent = { readonly class_uid: number; readonly time: number } & Readonly<Record<string, unknown>>

const FILE_ACTIVITY = 1001
const API_ACTIVITY = 6003
const BASE_EVENT = 0

/** Of File System Activity. */
const ACTIVITIES = {
  create: [1, 'Create'],
  read: [2, 'Read'],
  update: [3, 'Update'],
  delete: [4, 'Delete'],
  rename: [5, 'Rename'],
  setAttributes: [6, 'Set Attributes'],
  setSecurity: [7, 'Set Security'],
  getAttributes: [8, 'Get Attributes'],
  getSecurity: [9, 'Get Security'],
} as const satisfies Record<string, readonly [number, string]>
type Activity = readonly [id: number, name: string]
const { create, read, update, rename, setAttributes, setSecurity, getSecurity } = ACTIVITIES

/** Those whose name does not say it. */
const BY_NAME = new Map<string, Activity>([
  ['OPEN', read],
  ['CREATE', create],
  ['MKDIRS', create],
  ['CREATESYMLINK', create],
  ['CREATESNAPSHOT', create],
  ['APPEND', update],
  ['CONCAT', update],
  ['TRUNCATE', update],
  ['DELETE', ACTIVITIES.delete],
  ['DELETESNAPSHOT', ACTIVITIES.delete],
  ['RENAME', rename],
  ['RENAMESNAPSHOT', rename],
  ['SETPERMISSION', setSecurity],
  ['SETOWNER', setSecurity],
  ['SETACL', setSecurity],
  ['MODIFYACLENTRIES', setSecurity],
  ['REMOVEACLENTRIES', setSecurity],
  ['REMOVEDEFAULTACL', setSecurity],
  ['REMOVEACL', setSecurity],
  ['GETACLSTATUS', getSecurity],
  ['CHECKACCESS', getSecurity],
])

function activityOf(operation: string): Activity {
  const known = BY_NAME.get(operation)
  if (known !== undefined) return known
  if (/^(GET|LIST)/.test(operation)) return ACTIVITIES.getAttributes
  return /^(SET|UNSET|REMOVE)/.test(operation) ? setAttributes : [99, operation]
}

export function toOcsf(record: AuditRecord): OcsfEvent {
  if (record.kind === 'start' || record.kind === 'end') return fileActivity(record)
  return record.kind === 'admission' || record.kind === 'release' || record.kind === 'refusal'
    ? apiActivity(record)
    : baseEvent(record)
}

function fileActivity(record: Start | EndRecord): OcsfEvent {
  const { what } = record
  const activity = activityOf(what.operation)
  const common = {
    ...head(record, FILE_ACTIVITY, activity),
    actor: { ...actorOf(record), ...(what.client === undefined ? {} : { app_name: what.client }) },
    device: deviceOf(record),
    file: fileOf(what.path),
    ...(what.destination === undefined ? {} : { file_result: fileOf(what.destination) }),
  }
  if (record.kind === 'start') {
    const { effect, reason, ...why } = record.why
    return {
      ...common,
      activity_name: activity[1],
      ...decided(effect === 'allow'),
      status_code: reason,
      unmapped: { ...unmapped(record), ...ofWhat(what), ...why },
    }
  }
  const { status, durationMs, ...end } = record.end
  return {
    ...common,
    activity_name: activity[1],
    ...outcome(status >= 200 && status < 400 && !end.cut),
    status_code: String(status),
    duration: Math.round(durationMs),
    unmapped: { ...unmapped(record), ...ofWhat(what), ...end },
  }
}

function apiActivity(record: Extract<Note, { kind: 'admission' | 'release' | 'refusal' }>): OcsfEvent {
  const asked = askedOf(record)
  return {
    ...head(record, API_ACTIVITY, asked.activity),
    activity_name: asked.activity[1],
    ...decided(asked.isAllowed),
    status_code: asked.code,
    message: noteText(record),
    actor: actorOf(record),
    api: { operation: asked.operation, service: { name: 'kerbside' } },
    src_endpoint: { name: record.who.pod, uid: record.who.namespace },
    ...(asked.resource === undefined ? {} : { resources: [asked.resource] }),
    unmapped: { ...unmapped(record), ...('bundle' in record ? { bundle: record.bundle } : {}) },
  }
}

function askedOf(record: Extract<Note, { kind: 'admission' | 'release' | 'refusal' }>) {
  if (record.kind === 'admission') {
    const { operation, stage, effect, reasons, review } = record.admission
    const activity: Activity = operation === 'CREATE' ? create : update
    const isAllowed = effect === 'admit'
    const code = isAllowed ? 'admitted' : reasons.join(',')
    return { activity, isAllowed, code, operation: `${stage} ${operation}`, resource: { type: 'Pod', uid: review } }
  }
  if (record.kind === 'release') {
    const { path, key, version, outcome: code } = record.release
    const resource = { type: 'Secret', name: `${path} ${key}`, ...(version === undefined ? {} : { version }) }
    return { activity: read, isAllowed: code === 'given', code, operation: 'secrets', resource }
  }
  const { asked, reason } = record.refusal
  return { activity: read, isAllowed: false, code: reason, operation: asked, resource: undefined }
}

function baseEvent(record: Exclude<Note, { kind: 'admission' | 'release' | 'refusal' }>): OcsfEvent {
  return {
    ...head(record, BASE_EVENT, [99, record.kind]),
    activity_name: record.kind,
    message: noteText(record),
    unmapped: { ...unmapped(record), ...('bundle' in record ? { bundle: record.bundle } : {}) },
  }
}

function head(record: AuditRecord, classUid: number, [activity]: Activity) {
  return {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    activity_id: activity,
    type_uid: classUid * 100 + activity,
    severity_id: 1,
    time: Date.parse(record.time),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Kerbside', vendor_name: 'Kerbside' },
      profiles: ['security_control'],
      uid: `${record.sidecar}/${record.sequence}`,
      sequence: record.sequence,
      event_code: record.kind,
      original_time: record.time,
    },
  }
}

const decided = (isAllowed: boolean) => ({
  action_id: isAllowed ? 1 : 2,
  disposition_id: isAllowed ? 1 : 2,
  ...outcome(isAllowed),
})

const outcome = (isGood: boolean) => ({ status_id: isGood ? 1 : 2, status: isGood ? 'Success' : 'Failure' })

const actorOf = ({ who }: AuditRecord) => ({
  user: { name: who.identity, uid_alt: who.principal, groups: [{ name: who.team }], type_id: 99, type: 'identity' },
})

const deviceOf = ({ who, sidecar }: AuditRecord) => ({ type_id: 99, type: 'Pod', name: who.pod, uid: sidecar })

const fileOf = (path: string) => ({ name: path.slice(path.lastIndexOf('/') + 1) || '/', path, type_id: 0 })

/** What OCSF has no place for keeps our own names. */
const unmapped = ({ who: { namespace, serviceAccount, node, owner }, previous, hash }: AuditRecord) => ({
  namespace,
  serviceAccount,
  node,
  ...(owner === undefined ? {} : { owner }),
  previous,
  hash,
})

const ofWhat = ({ operationId, dataset, parameters }: What) => ({
  operationId,
  ...(dataset === undefined ? {} : { dataset }),
  ...(parameters === undefined ? {} : { parameters }),
})
