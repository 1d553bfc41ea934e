/**
 * What Ranger Admin gives by `/service/plugins/policies/exportJson` (`RangerExportPolicyList`), maybe with the `roles` of
 * `/service/roles/roles` and the `zones` of `/service/zones/zones` put beside the policies. Foreign input: a field that is
 * absent or null has Ranger's default; a field that is not known is kept, so that {@link strangeFields} can tell.
 */
import { z } from 'zod'

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])
const flag = (absent: boolean) =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? absent)
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const whole = z
  .int()
  .nullish()
  .transform((value) => value ?? 0)

const item = z.looseObject({
  accesses: listOf(z.looseObject({ type: z.string(), isAllowed: flag(true) })),
  users: listOf(z.string()),
  groups: listOf(z.string()),
  roles: listOf(z.string()),
  conditions: listOf(z.unknown()),
  delegateAdmin: flag(false),
})

const resource = z.looseObject({ values: listOf(z.string()), isExcludes: flag(false), isRecursive: flag(false) })
const resources = z.record(z.string(), resource)

const schedule = z.looseObject({ startTime: text, endTime: text, timeZone: text, recurrences: listOf(z.unknown()) })

const policy = z.looseObject({
  id: z.int().nullish(),
  name: z.string(),
  service: text,
  serviceType: text,
  zoneName: text,
  isEnabled: flag(true),
  isDenyAllElse: flag(false),
  policyType: whole,
  /** 0 is normal, 1 overrides. */
  policyPriority: whole,
  resources: resources.nullish().transform((one) => one ?? {}),
  additionalResources: listOf(resources),
  conditions: listOf(z.unknown()),
  policyItems: listOf(item),
  denyPolicyItems: listOf(item),
  allowExceptions: listOf(item),
  denyExceptions: listOf(item),
  validitySchedules: listOf(schedule),
  policyLabels: listOf(z.string()),
  isAuditEnabled: flag(true),
})

const member = z.looseObject({ name: z.string() })
const role = z.looseObject({ name: z.string(), users: listOf(member), groups: listOf(member), roles: listOf(member) })

const zoneService = z.looseObject({ resources: listOf(z.record(z.string(), z.array(z.string()))) })
const zone = z.looseObject({ name: z.string(), services: z.record(z.string(), zoneService) })

export const RANGER_EXPORT = z.looseObject({
  policies: z.array(policy),
  roles: listOf(role),
  zones: listOf(zone),
})

export type RangerExport = z.infer<typeof RANGER_EXPORT>
export type RangerPolicy = z.infer<typeof policy>
export type RangerItem = z.infer<typeof item>
export type RangerResources = z.infer<typeof resources>
export type RangerSchedule = z.infer<typeof schedule>
export type RangerRole = z.infer<typeof role>
export type RangerZone = z.infer<typeof zone>

/** Fields that are read, and those that never decide: who wrote it and when, audit, labels, masks, rows, delegation. */
const KNOWN = {
  policy: new Set([
    ...Object.keys(policy.shape),
    ...['guid', 'createdBy', 'updatedBy', 'createTime', 'updateTime', 'version', 'description', 'resourceSignature'],
    ...['options', 'dataMaskPolicyItems', 'rowFilterPolicyItems'],
  ]),
  item: new Set(Object.keys(item.shape)),
  resource: new Set(Object.keys(resource.shape)),
  schedule: new Set(Object.keys(schedule.shape)),
}

/** Names of fields that say something and are not understood. */
export function strangeFields(kind: keyof typeof KNOWN, value: object): readonly string[] {
  return Object.entries(value)
    .filter(([name, held]) => !KNOWN[kind].has(name) && !saysNothing(held))
    .map(([name]) => name)
}

const saysNothing = (held: unknown): boolean =>
  held === null ||
  held === undefined ||
  held === false ||
  held === '' ||
  (typeof held === 'object' && Object.keys(held).length === 0)
