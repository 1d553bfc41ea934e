/** The corpus of traps: test/fixtures/admission, a folder for each, read strictly. Its README says how one is written. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { ADMISSION_REASONS, type AdmissionReason } from '../../../src/core/reasons.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/admission')

const reasons = Object.keys(ADMISSION_REASONS) as [AdmissionReason, ...AdmissionReason[]]
/** A layer that denies; the name of a ValidatingAdmissionPolicy stands for itself. */
const layer = z.union([z.enum(['mutate', 'validate', 'broker']), z.string().regex(/^kerbside-[a-z-]+$/)])
const file = z.string().endsWith('.yaml')

const about = {
  as: z.enum(['tenant', 'administrator']).default('tenant'),
  in: z.string().default('ml-quant'),
}
const request = z.union([
  z.strictObject({ ...about, create: file, on: z.string().optional() }),
  z.strictObject({ ...about, patch: file, on: z.string() }),
  z.strictObject({ ...about, connect: z.string() }),
])
const outcome = z.union([
  z.strictObject({ denied: z.enum(reasons), by: z.array(layer).min(1) }),
  z.strictObject({ denied: z.literal('by Kubernetes'), saying: z.string() }),
  z.strictObject({
    admitted: z.enum(['with the sidecar', 'as it is', 'past admission']),
    warning: z.string().optional(),
  }),
])

export type Request = z.output<typeof request>
export type Outcome = z.output<typeof outcome>
export type Try = { readonly request: Request; readonly outcome: Outcome }

const OUTCOME_WORDS = new Set(['denied', 'by', 'saying', 'admitted', 'warning'])
const attempt = z.record(z.string(), z.unknown()).transform((row, context): Try => {
  const [mine, rest] = [true, false].map((is) =>
    Object.fromEntries(Object.entries(row).filter(([word]) => OUTCOME_WORDS.has(word) === is)),
  )
  const [told, asked] = [outcome.safeParse(mine), request.safeParse(rest)]
  if (told.success && asked.success) return { request: asked.data, outcome: told.data }
  context.addIssue({ code: 'custom', message: `is no attempt: ${told.error ?? ''} ${asked.error ?? ''}` })
  return z.NEVER
})

const trap = z.strictObject({
  attacker: z.string(),
  tries: z.array(attempt).default([]),
  /** What no manifest can show: sentences of tests, by file. */
  shownBy: z.record(z.string(), z.array(z.string()).min(1)).default({}),
  /** What we cannot close, and the sentence that says so. */
  open: z.strictObject({ page: z.string(), says: z.string() }).optional(),
})

export type Trap = z.output<typeof trap> & {
  /** `01-reserved-audience-in-own-container`. */
  readonly name: string
  readonly manifest: (file: string) => JsonObject
  readonly files: readonly string[]
}

export const TRAPS: readonly Trap[] = readdirSync(FOLDER)
  .filter((name) => /^\d\d-/.test(name))
  .sort()
  .map((name) => {
    const at = (file: string) => join(FOLDER, name, file)
    const read = (file: string) => parse(readFileSync(at(file), 'utf8')) as JsonObject
    const files = readdirSync(join(FOLDER, name)).filter((file) => file !== 'trap.yaml')
    const result = trap.safeParse(read('trap.yaml'))
    if (!result.success) throw new Error(`${name}/trap.yaml ${z.prettifyError(result.error)}`)
    return { name, files, manifest: read, ...result.data }
  })

/** How a test names an attempt. */
export function sentenceOf({ request, outcome }: Try): string {
  const where = 'on' in request && request.on !== undefined ? ` on ${request.on}` : ''
  const what =
    'create' in request
      ? `create ${request.create}${where}`
      : 'patch' in request
        ? `patch ${request.patch}${where}`
        : ''
  const asked = 'connect' in request ? `connect ${request.connect}` : what
  return `${asked}: ${'admitted' in outcome ? `admitted ${outcome.admitted}` : `denied ${outcome.denied}`}`
}
