/** Where the broker reads the secrets that it hands out, and as whom: a file of its own, read strictly. */
import { z } from 'zod'
import { KerbsideError } from './errors.ts'
import { SETTINGS, STORES } from './settings.ts'
import { type StorePlace, storeProblems } from './store-needs.ts'

export type SecretsSource =
  /** Secrets of these namespaces, with the rights of the broker's own service account. */
  | { readonly store: 'kubernetes'; readonly namespaces: readonly [string, ...string[]] }
  /** A store as a sidecar has it, logged in to with the token in the file. `ca` is PEM, empty where none is given. */
  | (StorePlace & { readonly ca: string; readonly tokenFile: string })

/** A string that a row of the settings table accepts. */
const setting = (row: { readonly read: (text: string) => { problem: string } | object }) =>
  z.string().superRefine((text, context) => {
    const read = row.read(text)
    if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem })
  })

const kubernetes = z.strictObject({
  store: z.literal('kubernetes'),
  namespaces: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not the name of a namespace'))
    .min(1)
    .transform((names) => names as [string, ...string[]]),
})

const others = z
  .strictObject({
    store: z.enum(STORES),
    storeUrl: setting(SETTINGS.storeUrl).default('none'),
    storeMount: setting(SETTINGS.storeMount).default('kv'),
    storeRole: setting(SETTINGS.storeRole).default('none'),
    storeAuth: setting(SETTINGS.storeAuth).default('none'),
    storeLoginUrl: setting(SETTINGS.storeLoginUrl).default('none'),
    storeNamespace: setting(SETTINGS.storeNamespace).default('none'),
    storeKvVersion: z.enum(['1', '2']).default('2'),
    tokenFile: z.string().min(1).default('/var/run/secrets/kerbside-store/token'),
    authorities: setting(SETTINGS.ca).optional(),
  })
  .superRefine((file, context) => {
    for (const { setting: name, message } of storeProblems(file)) {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    const isOurs = file.store === 'vault' || file.store === 'openbao'
    if (isOurs && file.authorities === undefined) {
      context.addIssue({ code: 'custom', path: ['authorities'], message: 'is missing: the CA of the store, in PEM' })
    }
  })

const schema = z.discriminatedUnion('store', [kubernetes, others])

/**
 * @param source where it comes from, for messages
 * @throws KerbsideError `bad-settings` that names every problem at once
 */
export function readSecretsSource(content: unknown, source: string): SecretsSource {
  const read = schema.safeParse(content)
  if (!read.success) {
    const problems = read.error.issues.flatMap(told)
    throw new KerbsideError('bad-settings', `\`${source}\`: ${problems.join('; ')}`, {
      hint: 'src/broker/README.md says what it holds',
    })
  }
  if (read.data.store === 'kubernetes') return read.data
  const { authorities = '', ...place } = read.data
  return { ...place, ca: authorities }
}

function told(issue: z.core.$ZodIssue): readonly string[] {
  const at = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `\`${key}\` is not a setting of this store`)
  if (issue.code === 'invalid_union') return [`\`store\` is not one of kubernetes, ${STORES.join(', ')}`]
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return [`\`${at}\` is missing`]
  if (issue.code === 'invalid_type') return [`\`${at}\` is not a ${issue.expected}`]
  return [`\`${at}\` ${issue.message}`]
}
