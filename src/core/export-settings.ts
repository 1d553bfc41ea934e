/** The file of `kerbside export`: which records are followed, and where they go. Read strictly; credentials are in files that it names. */
import { z } from 'zod'
import { KerbsideError } from './errors.ts'

const path = z.string().regex(/^\//, 'is not an absolute path')
const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a name: lower-case letters, digits and hyphens, at most 63')
const seconds = z.int().min(1).max(86_400)
const days = z.int().min(1).max(36_500)
const GATEWAY = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?$/
/** In the clear to this machine only. */
const COLLECTOR = /^(https:\/\/[^/?#\s@]+|http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?)\/[^?#\s]*$/

const parquet = {
  everySeconds: seconds.default(300),
  retentionDays: days.optional(),
}

const kafka = z
  .strictObject({
    name,
    to: z.literal('kafka'),
    brokers: z.array(z.string().regex(/^[\w.-]+:\d{1,5}$/, 'is not `HOST:PORT`')).min(1),
    topic: z.string().regex(/^[\w.-]{1,249}$/, 'is not the name of a topic'),
    tls: z
      .strictObject({ caFile: path, certFile: path.optional(), keyFile: path.optional() })
      .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
        error: 'needs both of `certFile` and `keyFile`, or none',
      })
      .optional(),
    sasl: z
      .strictObject({
        mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
        username: z.string().min(1),
        passwordFile: path,
      })
      .optional(),
  })
  .refine(({ tls, sasl }) => sasl === undefined || tls !== undefined, {
    error: 'would send its password in the clear: give `tls`',
  })

const otlp = z
  .strictObject({
    name,
    to: z.literal('otlp'),
    url: z.string().regex(COLLECTOR, 'is not an https URL with a path, such as `https://collector:4318/v1/logs`'),
    caFile: path.optional(),
    headerFiles: z.record(z.string().regex(/^[A-Za-z][\w-]{0,62}$/, 'is not the name of a header'), path).default({}),
  })
  .refine(({ url, caFile }) => !url.startsWith('https:') || caFile !== undefined, {
    error: 'needs `caFile`: the CA that signs the certificate of the collector',
  })

const sink = z.discriminatedUnion('to', [
  z.strictObject({ name, to: z.literal('parquet'), directory: path, ...parquet }),
  z.strictObject({
    name,
    to: z.literal('hdfs'),
    url: z.string().regex(GATEWAY, 'is not the gateway of this pod, such as `http://127.0.0.1:9870`'),
    directory: path,
    ...parquet,
  }),
  kafka,
  otlp,
  z.strictObject({ name, to: z.literal('stdout') }),
])

const schema = z
  .strictObject({
    /** Tells parts of several exporters apart that write into one folder. */
    name,
    /** What brokers were given as `--audit`, or any folder of records. */
    records: path,
    /** Where each sink's place in them is kept. */
    state: path,
    sinks: z.array(sink).min(1),
  })
  .superRefine(({ sinks }, context) => {
    const names = sinks.map((one) => one.name)
    for (const [at, one] of names.entries()) {
      if (names.indexOf(one) === at) continue
      context.addIssue({ code: 'custom', path: ['sinks', at, 'name'], message: `is \`${one}\`, as that of another is` })
    }
  })

export type ExportSettings = z.infer<typeof schema>
export type SinkSettings = ExportSettings['sinks'][number]

/**
 * @param source where it comes from, for messages
 * @throws KerbsideError `bad-settings` that names every problem at once
 */
export function readExportSettings(content: unknown, source: string): ExportSettings {
  const read = schema.safeParse(content)
  if (read.success) return read.data
  throw new KerbsideError('bad-settings', `\`${source}\`: ${read.error.issues.flatMap(told).join('; ')}`, {
    hint: 'src/export/README.md says what it holds',
  })
}

function told(issue: z.core.$ZodIssue): readonly string[] {
  const at = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `\`${at === '' ? key : `${at}.${key}`}\` is not a setting`)
  if (issue.code === 'invalid_union') return [`\`${at}\` is not one of parquet, hdfs, kafka, otlp, stdout`]
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return [`\`${at}\` is missing`]
  if (issue.code === 'invalid_type') return [`\`${at}\` is not a ${issue.expected}`]
  return [`\`${at}\` ${issue.message}`]
}
