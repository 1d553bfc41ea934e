/** What one policy of Ranger says to one subject, for each access: it allows, it denies, or neither. */
import { and, type Certainty, NO, not, or, unsure, YES } from './certainty.ts'
import { type RangerItem, type RangerPolicy, strangeFields } from './export.ts'
import type { Member, Who } from './principals.ts'

/** All that HDFS asks Ranger for (`ranger-servicedef-hdfs.json`). */
export const ACCESSES = ['read', 'write', 'execute'] as const
export type Access = (typeof ACCESSES)[number]

/** Where the policy reaches and when it is valid, it does this, unless another policy says more. */
export type Verdict = Readonly<Record<'allows' | 'denies', Readonly<Record<Access, Certainty>>>>

/** What all that a subject stands for have in common; where they differ, nobody knows. */
export function verdictOf(policy: RangerPolicy, members: readonly Member[], who: Who): Verdict {
  const of = (access: Access) => members.map((member) => verdictFor(policy, { member, access, who }))
  const verdicts = new Map(ACCESSES.map((access) => [access, of(access)]))
  const alike = (access: Access, side: 'allows' | 'denies') =>
    (verdicts.get(access) ?? []).map((verdict) => verdict[side]).reduce(inCommon)
  const side = (name: 'allows' | 'denies') => ({
    read: alike('read', name),
    write: alike('write', name),
    execute: alike('execute', name),
  })
  return { allows: side('allows'), denies: side('denies') }
}

const inCommon = (one: Certainty, other: Certainty): Certainty =>
  one.is === other.is && one.is !== 'maybe' ? one : or(unsure('members-differ'), and(one, other))

type Asked = { readonly member: Member; readonly access: Access; readonly who: Who }

/**
 * As `RangerDefaultPolicyEvaluator`: an item of a deny counts unless an exception does, then an item of an allow unless
 * an exception does; what is neither is denied when the policy denies all else.
 */
function verdictFor(policy: RangerPolicy, asked: Asked): { readonly allows: Certainty; readonly denies: Certainty } {
  const some = (items: readonly RangerItem[], takes: boolean) =>
    items.map((item) => counts(item, asked, takes)).reduce(or, NO)
  const denied = and(some(policy.denyPolicyItems, true), not(some(policy.denyExceptions, false)))
  const given = and(some(policy.policyItems, false), not(some(policy.allowExceptions, true)))
  const allows = and(given, not(denied))
  const denies = policy.isDenyAllElse ? not(allows) : denied
  if (allows.is === 'no' && denies.is === 'no') return { allows, denies }
  const whole = appliesAtAll(policy)
  return { allows: and(allows, whole), denies: and(denies, whole) }
}

function appliesAtAll(policy: RangerPolicy): Certainty {
  if (strangeFields('policy', policy).length > 0) return unsure('unknown-field')
  return policy.conditions.length > 0 ? unsure('condition') : YES
}

/** Most items mean others, which is known soonest. */
function counts(item: RangerItem, { member, access, who }: Asked, takes: boolean): Certainty {
  const meant = and(names(item, access), who.meant(item, member, takes))
  if (meant.is === 'no') return NO
  const open = strangeFields('item', item).length > 0 ? unsure('unknown-field') : YES
  const conditional = item.conditions.length > 0 ? unsure('condition') : YES
  return [meant, open, conditional].reduce(and)
}

/** Ranger knows markers such as `_ALL`, and compares some names with case and some without. */
function names({ accesses }: RangerItem, access: Access): Certainty {
  const types = accesses.filter(({ isAllowed }) => isAllowed).map(({ type }) => type)
  if (types.includes(access)) return YES
  const others = types.filter((type) => !(ACCESSES as readonly string[]).includes(type))
  return others.length > 0 ? unsure('unknown-access') : NO
}
