/** Denies that no longer deny what they denied: taken away, weakened, or without the dataset that they were on. */
import type { Grant } from '../bundle.ts'
import { ofKind } from '../language/link.ts'
import type { PolicyDocument } from '../language/read-document.ts'
import { type LintedGrant, toLinted } from '../lint/rule.ts'
import { prefixesByCluster, type Top, Tops, topsOf } from '../lint/tops.ts'
import { holdsWhenever, namesAllOf } from '../wider.ts'
import { type Change, isSame, type State } from './change.ts'
import type { Objection } from './delegated.ts'

/** A sidecar's clock may be late: so long after its end a deny denies nothing anywhere. */
const CLOCK_SKEW_MS = 86_400_000

export type Changed = {
  readonly base: State
  readonly now: State
  readonly changes: readonly Change[]
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * One objection a deny. No delegation lets a team take a deny back, since whoever wrote it wanted it to win over every
 * allow: each place of it must be denied as before, whatever the documents are called now.
 */
export function lostDenies({ base, now, changes, at }: Changed): readonly Objection[] {
  const before = toLinted(base.bundle, base.documents, at).grants.filter(({ grant }) => isADeny(grant, at))
  const tops = new Tops(now.bundle, toLinted(now.bundle, now.documents, at).grants)
  const prefixes = prefixesByCluster(base.bundle)
  const written = new Map(ofKind(now.documents, 'Grant').map((document) => [document.metadata.name, document]))
  return before.flatMap((deny): Objection[] => {
    const lost = topsOf(deny, base.bundle, prefixes).find((top) => !isStillDenied(deny, top, tops, now))
    if (lost === undefined) return []
    const { name, at: line } = deny.grant
    const is = written.get(name)
    const own = is !== undefined && !isSame(is, deny.document) ? is : undefined
    const document = own ?? (is === undefined ? deny.document : culprit(changes, lost)) ?? deny.document
    const message = `deny \`${name}\` (${line}) no longer denies all that it denied at \`${lost.path}\``
    return [{ document, path: own === undefined ? ['metadata', 'name'] : ['spec'], part: 'key', message }]
  })
}

const isADeny = ({ effect, expiresAt }: Grant, at: number): boolean =>
  effect === 'deny' && (expiresAt === undefined || at - expiresAt < CLOCK_SKEW_MS)

function isStillDenied({ grant }: LintedGrant, top: Top, tops: Tops, { bundle }: State): boolean {
  const wide = tops
    .deniesOver(top)
    .map(({ one }) => one.grant)
    .filter((other) => holdsWhenever(other, grant) && namesAllOf(other, grant, bundle.identities))
  return grant.actions.every((action) => wide.some(({ actions }) => actions.includes(action)))
}

/** The change of a dataset that the place was counted from. */
function culprit(changes: readonly Change[], { prefix }: Top): PolicyDocument | undefined {
  const change = changes.find(({ was }) => was?.kind === 'Dataset' && was.spec.prefixes.includes(prefix))
  return change?.is ?? change?.was
}

/** New identities of a team that a deny names one by one: they would pass it. */
export function passedDenies({ base, now, changes, at }: Changed): readonly Objection[] {
  return changes.flatMap(({ was, is }): Objection[] => {
    if (is?.kind !== 'Identity' || (was?.kind === 'Identity' && was.spec.cluster === is.spec.cluster)) return []
    const { name } = is.metadata
    const passed = base.bundle.grants.filter((grant) => {
      const names = grant.identities.some((one) => base.bundle.identities.get(one)?.team === is.spec.team)
      return isADeny(grant, at) && names && !grant.teams.includes(is.spec.team)
    })
    return passed
      .filter(
        ({ name: deny }) => now.bundle.grants.find((grant) => grant.name === deny)?.identities.includes(name) !== true,
      )
      .map(({ name: deny, at: line }) => ({
        document: is,
        path: ['metadata', 'name'],
        message: `deny \`${deny}\` (${line}) names other identities of team \`${is.spec.team}\`, and this one would pass it`,
        needs: `\`${name}\` among the identities of \`${deny}\``,
      }))
  })
}
