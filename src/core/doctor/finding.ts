/** What one check of doctor has found. Nothing secret ever stands in it: it is shown, and kept in tickets. */
import { type ErrorCode, toKerbsideError } from '../errors.ts'
import { ADVICE } from './advice.ts'
import { CHECK_NAMES, type CheckName } from './checks.ts'
import type { ClusterCheck } from './cluster/checks.ts'

/** `warn`: it works, or another does in its place. `not-tried`: what it needs is not there, or nobody asked for it. */
export type State = 'ok' | 'warn' | 'fail' | 'not-tried'

/** What a probe says, before it is known which check it belongs to. */
export type Said = {
  readonly state: State
  /** Which one, where a check looks at many: `nn1.lab:9871`. */
  readonly about?: string
  /** One line: what is so, or what is wrong and where. */
  readonly says: string
  /** What to do. */
  readonly advice?: string
  readonly code?: ErrorCode
  readonly ms?: number
}

export type Finding = Said & { readonly check: CheckName | ClusterCheck }

export const ok = (says: string, about?: string): Said => said('ok', says, about)
export const notTried = (says: string, about?: string): Said => said('not-tried', says, about)

const said = (state: State, says: string, about: string | undefined): Said => ({
  state,
  says,
  ...(about === undefined ? {} : { about }),
})

/** What was thrown, as a finding: with its own hint, or else with what its code stands for. */
export function failed(thrown: unknown, about?: string, state: 'fail' | 'warn' = 'fail'): Said {
  const { code, message, hint } = toKerbsideError(thrown)
  const advice = hint ?? ADVICE.get(code)
  return { ...said(state, message, about), code, ...(advice === undefined ? {} : { advice }) }
}

/** One that goes on in spite of those that do not: as long as one of many is good, the others are no more than warnings. */
export function whereOneIsEnough(all: readonly Said[]): readonly Said[] {
  if (!all.some(({ state }) => state === 'ok')) return all
  return all.map((one) => (one.state === 'fail' ? { ...one, state: 'warn' } : one))
}

/** Whether any check failed. */
export const isIll = (findings: readonly Finding[]): boolean => findings.some(({ state }) => state === 'fail')

/** In the order of the table, and within a check in the order in which it said them. */
export const inOrder = (findings: readonly Finding[]): readonly Finding[] => {
  const names: readonly Finding['check'][] = CHECK_NAMES
  return findings.toSorted((one, other) => names.indexOf(one.check) - names.indexOf(other.check))
}
