/** The text of an export as a value, with every mistake in it that keeps it from being read. */
import { z } from 'zod'
import { KerbsideError } from '../../errors.ts'
import { RANGER_EXPORT, type RangerExport } from './export.ts'

const MOST_MISTAKES = 10

/** Lists that Ranger Admin gives by other addresses: `[…]`, or an object that holds it under one of these names. */
const LISTS = { roles: ['roles', 'rangerRoles'], zones: ['zones', 'securityZones'] } as const
export type Beside = { readonly roles?: unknown; readonly zones?: unknown }

/**
 * @param value what the file holds; `beside` is what files of roles and of zones hold
 * @throws KerbsideError `bad-policy`
 */
export function readExport(value: unknown, beside: Beside = {}): RangerExport {
  const own = z.looseObject({}).safeParse(value)
  if (!own.success) throw new KerbsideError('bad-policy', 'the export is not an object with `policies`', HINT)
  const whole = { ...own.data, ...listIn('roles', beside.roles), ...listIn('zones', beside.zones) }
  const read = RANGER_EXPORT.safeParse(whole)
  if (read.success) return read.data
  const mistakes = read.error.issues.map(({ path, message }) => `\`${z.core.toDotPath(path)}\`: ${lowered(message)}`)
  const more = mistakes.length > MOST_MISTAKES ? [`and ${mistakes.length - MOST_MISTAKES} more`] : []
  const lines = [...mistakes.slice(0, MOST_MISTAKES), ...more].join('\n')
  throw new KerbsideError('bad-policy', `the export is not one of Ranger Admin\n${lines}`, HINT)
}

const HINT = { hint: 'get it from Ranger Admin: `/service/plugins/policies/exportJson?serviceName=NAME`' }

function listIn(kind: keyof typeof LISTS, value: unknown): Beside {
  if (value === undefined) return {}
  if (Array.isArray(value)) return { [kind]: value }
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const list = LISTS[kind].map((name) => fields.get(name)).find((held) => Array.isArray(held))
  if (list === undefined) throw new KerbsideError('bad-policy', `the file of ${kind} holds no list of ${kind}`)
  return { [kind]: list }
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/**
 * Names of the HDFS services that the policies are of, in the order of the export. Old exports name no service type.
 */
export const hdfsServicesIn = ({ policies }: RangerExport): readonly string[] => [
  ...new Set(
    policies
      .filter(({ service, serviceType }) => service !== '' && (serviceType === '' || serviceType === 'hdfs'))
      .map(({ service }) => service),
  ),
]
