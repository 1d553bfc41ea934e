/** What a value in a policy document may be. Each field's check and its sentence; editors get the same by JSON Schema. */
import { z } from 'zod'
import { parsePath } from '../../hdfs/path.ts'
import { parseInstant } from '../../instant.ts'
import { parseQuantity } from '../../quantity.ts'
import { REQUEST_REASONS, type RequestReason } from '../../reasons.ts'
import { isZone } from '../decision/window.ts'

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const HOST = '[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?'
const PORT = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'
const REALM = '[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?'

/** Names of documents and of teams. An identity's name is also the value of a pod's label. */
export const name = z
  .string()
  .regex(DNS_LABEL, 'must be lower-case letters, digits and `-`, at most 63, with a letter or digit at both ends')

export const serviceAccount = z.string().regex(DNS_SUBDOMAIN, 'must be the name of a service account')

export const nameNode = z
  .string()
  .regex(
    new RegExp(`^https?://${HOST}:${PORT}$`),
    'must be an https origin with its port, such as `https://nn1.lab:9871`',
  )

export const hostPattern = z
  .string()
  .regex(new RegExp(`^(\\*\\.)?${HOST}$`), 'must be a host name, or `*.` and a domain for every host in it')

export const kdc = z
  .string()
  .regex(new RegExp(`^${HOST}:${PORT}$`), 'must be a host with its port, such as `kdc.lab:88`')

export const realm = z.string().regex(new RegExp(`^${REALM}$`), 'must be a Kerberos realm, such as `EXAMPLE.ORG`')

export const principal = z
  .string()
  .regex(
    new RegExp(`^[\\w.$-]+(/[\\w.-]+)?@${REALM}$`),
    'must be a Kerberos principal with its realm, such as `quant@LAB`',
  )

export const nameservice = z.string().regex(/^[A-Za-z0-9][-\w.]*$/, 'must be the name in `hdfs://NAME/`')

/** A path in the secret store, where it becomes a folder or a URL. */
export const secretPath = z
  .string()
  .regex(
    /^[A-Za-z0-9][-\w]*(\/[A-Za-z0-9][-\w.]*)*$/,
    'must be a path in the secret store, such as `hdfs/quant-research`',
  )

export const label = z
  .string()
  .regex(/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/, 'must be a label of at most 63 characters')

export const path = z
  .string()
  .check(({ value, issues }) => {
    const problem = problemOf(value)
    if (problem === undefined) return
    issues.push({ code: 'custom', input: value, message: `is not canonical: ${wordsOf(problem)}` })
  })
  .meta({ pattern: '^/([^/]+(/[^/]+)*)?$' })

/** Below a prefix: canonical as a path is, without the slash before it. */
export const subPath = z
  .string()
  .check(({ value, issues }) => {
    const problem = problemOf(`/${value}`)
    const isRelative = value !== '' && !value.startsWith('/')
    if (isRelative && problem === undefined) return
    const message =
      isRelative && problem !== undefined
        ? `is not canonical: ${wordsOf(problem)}`
        : 'must be a path below the prefix, such as `curated/2026`'
    issues.push({ code: 'custom', input: value, message })
  })
  .meta({ pattern: '^[^/]+(/[^/]+)*$' })

/** No request reaches a path that still looks percent-encoded, so a prefix that does is a mistake. */
function problemOf(text: string): RequestReason | undefined {
  const parsed = parsePath(text)
  if ('problem' in parsed) return parsed.problem
  return /%[0-9a-f]{2}/i.test(text) ? 'double-encoding' : undefined
}

/** Nothing was decoded here, so nothing was encoded twice either. */
const wordsOf = (problem: RequestReason): string =>
  problem === 'double-encoding' ? 'it looks percent-encoded; write it decoded' : REQUEST_REASONS[problem]

export const instant = z
  .string()
  .check(({ value, issues }) => {
    if (parseInstant(value) !== undefined) return
    issues.push({
      code: 'custom',
      input: value,
      message: 'must be a moment with its zone, such as `2027-01-31T00:00:00Z`',
    })
  })
  .meta({ format: 'date-time' })

export const sentence = z.string().regex(/^\S[^\p{Cc}]{0,499}$/u, 'must be a line of text, at most 500 characters')

/** A label's key as Kubernetes takes it, with or without a domain before it. */
export const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/,
    'must be the key of a label, such as `sensitivity` or `example.org/stage`',
  )

export const bytes = z.union([z.int().positive(), z.string()]).check(({ value, issues }) => {
  const count = parseQuantity(String(value))
  if (Number.isSafeInteger(count) && count !== 0) return
  issues.push({ code: 'custom', input: value, message: 'must be a whole number of bytes, such as `10Gi`' })
})

export const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day in quotes, from `"00:00"` to `"24:00"`')

export const zone = z.string().check(({ value, issues }) => {
  if (isZone(value)) return
  issues.push({ code: 'custom', input: value, message: 'is no time zone, such as `Europe/Zurich` or `UTC`' })
})

export const ticket = z.string().regex(/^[^\s\p{Cc}]{1,200}$/u, 'must be a ticket or its URL, without spaces')

/** CPU or memory of a container. */
export const resource = z.union([z.int().positive(), z.string()]).check(({ value, issues }) => {
  const amount = parseQuantity(String(value))
  if (amount !== undefined && amount > 0) return
  issues.push({ code: 'custom', input: value, message: 'must be a quantity, such as `100m` or `128Mi`' })
})
