/** Reading what a secret store answered, of which nothing is trusted and nothing secret is told. */
import { KerbsideError } from '../../core/errors.ts'
import type { HttpsAnswer } from '../https-request.ts'

/** @throws KerbsideError `secret-malformed`; the parser's own message would quote the answer */
export function json(answer: HttpsAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch {
    throw new KerbsideError('secret-malformed', 'the secret store answered something that is not JSON')
  }
}

/** The same, for an answer that need not be understood. */
export function jsonOrNothing(answer: HttpsAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The value below these names, or undefined where there is none. */
export function field(value: unknown, ...names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

/**
 * The start of a sentence that a store said, fit for the end of a line of the log. Something else on its port may say
 * anything, such as the request that it got, so long words that could be a token are left out.
 */
export function sentence(said: unknown): string {
  if (typeof said !== 'string') return ''
  const clean = said.replace(/[^\x20-\x7e]+/g, ' ').replace(/\S{20,}/g, (word) => (/[A-Z0-9]/.test(word) ? '…' : word))
  const start = clean.trim().slice(0, 120)
  return start === '' ? '' : `: ${start}`
}
