/** What may be meant otherwise in a policy that is valid: every rule over every document. */
import type { Bundle } from '../bundle.ts'
import type { Finding } from '../language/findings.ts'
import { inFileOrder } from '../language/problem.ts'
import type { PolicyDocument } from '../language/read-document.ts'
import { toLinted } from './rule.ts'
import { RULES } from './rules.ts'

/** Where something may be taken away without widening anything. */
export type Removal = { readonly document: PolicyDocument; readonly path: readonly PropertyKey[] }

export type LintFinding = Finding & { readonly removal?: Removal }

export type LintInput = {
  readonly bundle: Bundle
  readonly documents: readonly PolicyDocument[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** In file order. */
export function lint({ bundle, documents, now }: LintInput): readonly LintFinding[] {
  const policy = toLinted(bundle, documents, now)
  const findings = RULES.flatMap(({ code, severity, check }) =>
    check(policy).map(
      ({ document, path, part, message, hint, removes }): LintFinding => ({
        ...document.source.place(path, part),
        severity,
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(removes === undefined ? {} : { removal: { document, path: removes } }),
      }),
    ),
  )
  return inFileOrder(findings)
}
