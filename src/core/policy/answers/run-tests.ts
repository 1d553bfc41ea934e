/** The PolicyTests of a bundle, put to the bundle itself; and which of its grants no test reaches. */
import { printable } from '../../audit/printable.ts'
import { type Narrowing, narrowing } from '../access/grants-for.ts'
import type { Action } from '../action.ts'
import type { Bundle, Grant, PolicyCase } from '../bundle.ts'
import { compile } from '../compile.ts'
import { judge, type Ruling } from '../decision/judge.ts'
import { type PolicyOver, policyOver } from '../decision/policy-over.ts'

export type Outcome = { readonly test: PolicyCase; readonly ruling: Ruling; readonly passed: boolean }

/**
 * One after the other: ten thousand cases of a policy of 20,000 grants take less time than it takes to read that policy,
 * which each further thread would have to do first.
 * @param now for cases that name no time, milliseconds since the epoch
 */
export function runTests(bundle: Bundle, now: number): readonly Outcome[] {
  const policies: Policies = { narrow: narrowing(bundle, true), known: new Map() }
  return bundle.tests.map((test) => {
    const ruling = judge(policyFor(bundle, test, policies), test, test.time ?? now)
    const passed = ruling.effect === test.expect && (test.reason === undefined || ruling.reason === test.reason)
    return { test, ruling, passed }
  })
}

type Policies = { readonly narrow: Narrowing; readonly known: Map<string, PolicyOver> }

/** Tests of one identity mostly ask for pods alike. */
function policyFor(
  bundle: Bundle,
  { identity, namespace, podLabels }: PolicyCase,
  { narrow, known }: Policies,
): PolicyOver {
  const key = JSON.stringify([identity, namespace, podLabels === undefined ? undefined : [...podLabels]])
  const policy = known.get(key)
  if (policy !== undefined) return policy
  const who = bundle.identities.get(identity)
  const slice = compile(who === undefined ? bundle : narrow(who), identity, {
    ...(namespace === undefined ? {} : { namespace }),
    ...(podLabels === undefined ? {} : { labels: podLabels }),
  })
  // `link` has checked that the identity is there.
  if (slice === undefined) throw new Error(`no identity \`${identity}\` in the bundle`)
  const made = policyOver(slice)
  known.set(key, made)
  return made
}

export type Reached = {
  readonly grant: Grant
  /** How many tests rest on it. */
  readonly tests: number
  /** Of its actions, those that no test rests on. */
  readonly unreached: readonly Action[]
}

/** For each grant what rests on it, in the order of the bundle. A grant in shadow is reached where it would have decided. */
export function coverage(bundle: Bundle, outcomes: readonly Outcome[]): readonly Reached[] {
  const tests = new Map<string, Set<PolicyCase>>()
  const actions = new Map<string, Set<Action>>()
  const note = <T>(known: Map<string, Set<T>>, name: string, value: T) =>
    known.set(name, (known.get(name) ?? new Set<T>()).add(value))
  for (const { test, ruling } of outcomes) {
    for (const { demand, grants } of ruling.decisions) {
      for (const { name } of grants) {
        note(tests, name, test)
        note(actions, name, demand.action)
      }
    }
    for (const { name } of ruling.shadow?.grants ?? []) {
      note(tests, name, test)
      for (const { demand } of ruling.decisions) note(actions, name, demand.action)
    }
  }
  return bundle.grants.map((grant) => ({
    grant,
    tests: tests.get(grant.name)?.size ?? 0,
    unreached: grant.actions.filter((action) => actions.get(grant.name)?.has(action) !== true),
  }))
}

/** `RENAME /team/quant/a to /team/quant/b`, safe to print. */
export function wordsOf({ operation, path, destination, parameters }: PolicyCase): string {
  const to = destination === undefined ? '' : ` to ${destination}`
  const rest = [...parameters].map(([name, value]) => ` ${name}=${value}`).join('')
  return printable(`${operation} ${path}${to}${rest}`, 200)
}
