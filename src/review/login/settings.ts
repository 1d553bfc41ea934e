/** Who signs people in, and what each of them may see: a file of its own, read strictly. */
import { z } from 'zod'
import { KerbsideError } from '../../core/errors.ts'

export type LoginSettings = {
  /** As it stands in the provider's ID tokens. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretFile: string
  /** Where readers ask for the page, `https://audit.example.org`; the provider sends them back to `/login/callback` below it. */
  readonly url: string
  /** CAs that may have signed the provider's certificate, PEM; those that Node trusts where none is given. */
  readonly authoritiesFile?: string
  /** Asked for besides `openid`. */
  readonly scopes: readonly string[]
  /** Claim of the ID token, a text or a list of texts, that the roles are read from. */
  readonly claim: string
  /** Values of the claim. */
  readonly reviewers: readonly string[]
  readonly auditors: readonly string[]
  /** Value of the claim → the teams whose records it may see. */
  readonly teamLeads: ReadonlyMap<string, readonly string[]>
  /** From sign-in to its end, whatever is done meanwhile. */
  readonly sessionMinutes: number
}

const word = z.string().min(1, 'is empty').max(512, 'is too long')
const words = z.array(word)
const httpsUrl = word.superRefine((text, context) => {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.username !== '' || url.hash !== '' || url.search !== '') {
    context.addIssue({ code: 'custom', message: 'is not a URL that begins with `https://`' })
  }
})
const origin = httpsUrl.refine((text) => URL.parse(text)?.pathname === '/', 'has a path')

const schema = z.strictObject({
  issuer: httpsUrl,
  clientId: word,
  clientSecretFile: word,
  url: origin.transform((text) => new URL(text).origin),
  authoritiesFile: word.optional(),
  scopes: z.array(word.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope')).default([]),
  claim: word.default('groups'),
  reviewers: words.default([]),
  auditors: words.default([]),
  teamLeads: z
    .record(word, words.min(1, 'names no team'))
    .default({})
    .transform((entries) => new Map(Object.entries(entries))),
  sessionMinutes: z.number().int().min(5, 'is less than 5').max(1440, 'is more than 1440').default(480),
})

/**
 * @param source where it comes from, for messages
 * @throws KerbsideError `bad-settings` that names every problem at once
 */
export function readLoginSettings(content: unknown, source: string): LoginSettings {
  const read = schema.safeParse(content)
  if (!read.success) throw unusable(source, read.error.issues.flatMap(told).join('; '))
  const { authoritiesFile, ...settings } = read.data
  if (settings.reviewers.length + settings.auditors.length + settings.teamLeads.size === 0) {
    throw unusable(source, 'nobody may see anything: name `reviewers`, `auditors` or `teamLeads`')
  }
  return authoritiesFile === undefined ? settings : { ...settings, authoritiesFile }
}

function told(issue: z.core.$ZodIssue): readonly string[] {
  const at = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `\`${key}\` is not a setting of the login`)
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return [`\`${at}\` is missing`]
  if (issue.code === 'invalid_type') return [`\`${at}\` is not a ${issue.expected}`]
  return [`\`${at}\` ${issue.message}`]
}

const unusable = (source: string, why: string) =>
  new KerbsideError('bad-settings', `\`${source}\`: ${why}`, { hint: 'src/review/README.md says what it holds' })
