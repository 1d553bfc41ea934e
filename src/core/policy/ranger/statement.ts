/** What one policy says to one subject in the words of our documents, and what of it cannot be said. */
import { type HdfsPath, ROOT } from '../../hdfs/path.ts'
import { type Entry, named } from './entry.ts'
import type { RangerPolicy } from './export.ts'
import { type Extent, extentsOf } from './extent.ts'
import type { Member, Who } from './principals.ts'
import type { Reason } from './reasons.ts'
import { type Interval, validityOf } from './validity.ts'
import { ACCESSES, type Access, type Verdict, verdictOf } from './verdict.ts'

/** How much an allow gives: nothing, our preset `read`, or `write` with it. */
export type Rank = 0 | 1 | 2

/** A deny that the documents cannot say: allows are not carried where it may lie. */
export type Block = {
  readonly subject: string
  /** What is left of an allow. */
  readonly leaves: Rank
  readonly path: HdfsPath
  /** Whether everything below is hit as well. */
  readonly isTree: boolean
  /** Undefined is every zone. */
  readonly zone: string | undefined
  readonly policy: string
}

export type Statement = {
  readonly policy: RangerPolicy
  readonly subject: string
  readonly rank: Rank
  /** Prefixes that the allow covers, as a whole. */
  readonly allowed: readonly HdfsPath[]
  /** What the deny leaves, where it lies. */
  readonly leaves: Rank
  readonly denied: readonly HdfsPath[]
  readonly intervals: readonly Interval[]
  readonly verdict: Verdict
  readonly extents: readonly Extent[]
  readonly blocks: readonly Block[]
  readonly entries: readonly Entry[]
}

export type Saying = {
  readonly policy: RangerPolicy
  readonly subject: string
  readonly members: readonly Member[]
  readonly who: Who
  /** Whether `/a/*` is carried as `/a`. */
  readonly includeBase: boolean
}

/** Undefined when the policy says nothing to the subject. */
export function statementOf({ policy, subject, members, who, includeBase }: Saying): Statement | undefined {
  if (isAboutOthers(policy, members, who)) return undefined
  const verdict = verdictOf(policy, members, who)
  const silent = ACCESSES.every((access) => verdict.allows[access].is === 'no' && verdict.denies[access].is === 'no')
  if (silent) return undefined
  const isOnTags = policy.serviceType === 'tag'
  const extents: readonly Extent[] = isOnTags
    ? [{ path: ROOT, reach: 'unclear', why: 'tag-policy' }]
    : extentsOf([policy.resources, ...policy.additionalResources])
  const validity = validityOf(policy.validitySchedules)
  const clear = 'why' in validity ? undefined : validity
  if (extents.length === 0) return undefined

  const entries: Entry[] = []
  const note = (effect: 'allow' | 'deny', status: Entry['status'], reason: Reason, where: readonly Extent[]) =>
    entries.push({ policy: named(policy), who: subject, effect, status, reason, extents: where, grants: [] })
  const blocks: Block[] = []
  const block = (leaves: Rank, { path, reach }: Extent) =>
    blocks.push({
      subject,
      leaves,
      path,
      isTree: reach !== 'self',
      zone: isOnTags ? undefined : policy.zoneName,
      policy: policy.name,
    })
  const rest = { policy, subject, verdict, extents, intervals: clear ?? [], blocks, entries }

  if (clear?.length === 0) {
    note('allow', 'ignored', 'never-valid', extents)
    return { ...rest, rank: 0, allowed: [], leaves: 2, denied: [] }
  }
  return { ...rest, ...allowIn(), ...denyIn() }

  function allowIn(): Pick<Statement, 'rank' | 'allowed'> {
    for (const why of reasonsIn(verdict.allows)) note('allow', 'not-carried', why, extents)
    const given = (access: Access) => verdict.allows[access].is === 'yes'
    const rank = !(given('read') && given('execute')) ? 0 : given('write') ? 2 : 1
    if (rank === 0 && given('read')) note('allow', 'not-carried', 'read-without-execute', extents)
    else if (rank === 0 && given('write')) note('allow', 'not-carried', 'write-without-read', extents)
    else if (rank === 0 && given('execute')) note('allow', 'ignored', 'execute-alone', extents)
    if (rank === 0) return { rank, allowed: [] }
    if ('why' in validity) {
      note('allow', 'not-carried', validity.why, extents)
      return { rank: 0, allowed: [] }
    }
    for (const extent of extents) {
      if (extent.reach === 'below' && includeBase) note('allow', 'wider', 'below-only', [{ ...extent, reach: 'self' }])
      else if (extent.reach !== 'tree') note('allow', 'not-carried', whyNot(extent), [extent])
    }
    const carried = extents.filter(({ reach }) => reach === 'tree' || (reach === 'below' && includeBase))
    return { rank, allowed: carried.map(({ path }) => path) }
  }

  function denyIn(): Pick<Statement, 'leaves' | 'denied'> {
    const doubts = reasonsIn(verdict.denies)
    for (const why of doubts) note('deny', 'not-carried', why, extents)
    if (doubts.length > 0) for (const extent of extents) block(leftBy(verdict, 'maybe'), extent)
    const leaves = leftBy(verdict, 'yes')
    if (leaves === 2) return { leaves, denied: [] }
    const unsayable = extents.filter(({ reach }) => clear === undefined || reach === 'self' || reach === 'unclear')
    for (const extent of unsayable) {
      note('deny', 'not-carried', 'why' in validity ? validity.why : whyNot(extent), [extent])
      block(leaves, extent)
    }
    const sayable = extents.filter((extent) => !unsayable.includes(extent))
    for (const extent of sayable) {
      if (extent.reach === 'below') note('deny', 'stricter', 'below-only', [{ ...extent, reach: 'self' }])
    }
    return { leaves, denied: sayable.map(({ path }) => path) }
  }
}

/** Most policies are, so that this is asked before anything is worked out. */
const isAboutOthers = (policy: RangerPolicy, members: readonly Member[], who: Who): boolean =>
  !policy.isDenyAllElse &&
  [...policy.policyItems, ...policy.denyPolicyItems].every((item) =>
    members.every((member) => who.meant(item, member, true).is === 'no'),
  )

/** Our `write` needs all three accesses, our `read` all but `write`. */
const leftBy = ({ denies }: Verdict, is: 'yes' | 'maybe'): Rank =>
  denies.read.is === is || denies.execute.is === is ? 0 : denies.write.is === is ? 1 : 2

const whyNot = ({ reach, why }: Extent): Reason =>
  reach === 'below' ? 'below-only' : reach === 'self' ? 'not-recursive' : (why ?? 'wildcard')

const reasonsIn = (side: Verdict['allows']): readonly Reason[] => [
  ...new Set(ACCESSES.map((access) => side[access]).flatMap((one) => (one.is === 'maybe' ? one.why : []))),
]
