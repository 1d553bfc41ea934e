/** The injection file's content as settings, or every problem in it at once. */
import type { z } from 'zod'
import { KerbsideError } from '../errors.ts'
import { type InjectionFile, injectionSchema } from './injection.ts'

/**
 * @param source where it comes from, for messages
 * @throws KerbsideError `bad-settings`
 */
export function readInjection(content: unknown, source: string): InjectionFile {
  const read = injectionSchema.safeParse(content)
  if (read.success) return read.data
  throw new KerbsideError('bad-settings', `\`${source}\`: ${read.error.issues.flatMap(told).join('; ')}`, {
    hint: 'deploy/README.md says what an injection file holds',
  })
}

function told(issue: z.core.$ZodIssue): string[] {
  const at = (key?: string) => `\`${[...issue.path, ...(key === undefined ? [] : [key])].join('.')}\``
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at(key)} is not a setting`)
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return [`${at()} is missing`]
  if (issue.code === 'invalid_type') return [`${at()} is not a ${issue.expected}`]
  if (issue.code === 'invalid_value') return [`${at()} is not one of ${issue.values.join(', ')}`]
  return [`${at()} ${issue.message}`]
}
