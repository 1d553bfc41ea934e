/** What doctor has found, as JSON for a program. A field is never renamed or taken away without another `format`. */
import { type Finding, isIll, type State } from './finding.ts'

export type Report = {
  readonly findings: readonly Finding[]
  readonly elapsedMs: number
}

/** Format 1. */
export type ReportJson = {
  readonly format: 1
  /** `ill` as soon as one check failed. */
  readonly verdict: 'well' | 'ill'
  readonly elapsedMs: number
  readonly findings: readonly {
    readonly check: Finding['check']
    readonly about: string | null
    readonly state: State
    readonly says: string
    readonly advice: string | null
    /** Of `src/core/errors.ts`. */
    readonly code: string | null
    readonly elapsedMs: number | null
  }[]
}

export const toJson = ({ findings, elapsedMs }: Report): ReportJson => ({
  format: 1,
  verdict: isIll(findings) ? 'ill' : 'well',
  elapsedMs: Math.round(elapsedMs),
  findings: findings.map(({ check, about, state, says, advice, code, ms }) => ({
    check,
    about: about ?? null,
    state,
    says,
    advice: advice ?? null,
    code: code ?? null,
    elapsedMs: ms === undefined ? null : Math.round(ms),
  })),
})
