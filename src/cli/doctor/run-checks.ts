/** Runs the checks side by side, each as soon as what it needs has gone well, and each for no longer than it may. */
import { CHECK_NAMES, CHECKS, type CheckName, type NeedsOf } from '../../core/doctor/checks.ts'
import { duration } from '../../core/doctor/duration.ts'
import { type Finding, failed, inOrder, notTried, type Said } from '../../core/doctor/finding.ts'
import type { Values } from './values.ts'

/** `value` is what other checks go on with; without one, those that need it are not tried. */
export type Checked<C extends CheckName> = { readonly findings: readonly Said[]; readonly value?: Values[C] }

export type Known<C extends CheckName> = Pick<Values, NeedsOf<C>>
export type Probe<C extends CheckName> = (known: Known<C>, signal: AbortSignal) => Promise<Checked<C>>
export type Probes = { readonly [C in CheckName]: Probe<C> }

export type Running = {
  /** When it aborts, what runs is called off, and what does not run yet does not begin. */
  readonly signal: AbortSignal
  /** Called with the checks that are under way, at each change. */
  readonly onWaiting: (names: readonly CheckName[]) => void
}

/** Never rejects: what a probe throws is a finding. */
export async function runChecks(probes: Probes, { signal, onWaiting }: Running): Promise<readonly Finding[]> {
  const outcomes = new Map<CheckName, Promise<Outcome>>()
  const waiting = new Set<CheckName>()
  const findings: Finding[] = []

  const runOne = async (check: CheckName): Promise<Outcome> => {
    const needs: readonly CheckName[] = CHECKS[check].needs
    const known = await Promise.all(needs.map((need) => outcomes.get(need)))
    const roots = [
      ...new Set(known.flatMap((outcome) => (outcome !== undefined && 'roots' in outcome ? outcome.roots : []))),
    ]
    if (roots.length > 0) {
      findings.push({ check, ...notTried(`needs ${roots.join(' and ')}`) })
      return { roots }
    }
    if (signal.aborted) {
      // Who has not looked must not say that all is well.
      findings.push({ check, state: 'fail', says: CALLED_OFF })
      return { roots: [check] }
    }
    waiting.add(check)
    onWaiting([...waiting])
    const began = performance.now()
    const probe = probes[check] as (known: object, signal: AbortSignal) => Promise<Checked<CheckName>>
    const values = Object.fromEntries(needs.map((need, index) => [need, Object(known[index]).value]))
    const checked = await within(check, signal, (bound) => probe(values, bound))
    waiting.delete(check)
    onWaiting([...waiting])
    const ms = performance.now() - began
    findings.push(...checked.findings.map((said) => ({ check, ms, ...said })))
    return checked.value === undefined ? { roots: [check] } : { value: checked.value }
  }

  for (const check of CHECK_NAMES) outcomes.set(check, runOne(check))
  await Promise.all(outcomes.values())
  return inOrder(findings)
}

/** A value, or the checks by which there is none: not those in between, which only wait for them. */
type Outcome = { readonly value: unknown } | { readonly roots: readonly CheckName[] }

/** What does not listen to its signal, such as a look-up by the C library, is left behind. */
async function within<C extends CheckName>(
  check: C,
  signal: AbortSignal,
  work: (bound: AbortSignal) => Promise<Checked<C>>,
): Promise<Checked<C>> {
  const { withinMs } = CHECKS[check]
  const bound = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
  const late = new Promise<Checked<C>>((resolve) => {
    const giveUp = () => {
      const says = signal.aborted ? CALLED_OFF : `it did not end within ${duration(withinMs)}`
      resolve({ findings: [{ state: 'fail', says }] })
    }
    // What listens to the same signal says more of what it waited for, and may do so first.
    bound.addEventListener('abort', () => setTimeout(giveUp, GRACE_MS), { once: true })
  })
  const done = Promise.resolve()
    .then(() => work(bound))
    .catch((thrown: unknown): Checked<C> => ({ findings: [failed(thrown)] }))
  return Promise.race([done, late])
}

const GRACE_MS = 300
const CALLED_OFF = 'called off'
