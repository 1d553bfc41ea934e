/** Who may do something to one path by itself: which grants reach it is settled once, for all identities. */
import type { HdfsPath } from '../../hdfs/path.ts'
import { ownerOf } from '../answers/considered.ts'
import { type Bundle, type Dataset, type Grant, narrowed } from '../bundle.ts'
import { isOver } from '../decision/in-force.ts'
import { owningPrefix, under } from '../places.ts'
import { type Answers, type Asked, isAtOrBelow } from './answer.ts'
import { applies, bit, doesAny, LOOKING, type Situation, UPROOTING } from './situations.ts'
import { ALWAYS, conditionOf, NEVER, whenAllowed } from './words.ts'

export function thisAnswers(bundle: Bundle, { action, path, cluster, at }: Asked): Answers {
  const owner = ownerOf(bundle, cluster, path)
  const looks = (bit(action) & LOOKING) !== 0
  const isRoot = (bit(action) & UPROOTING) !== 0 && owner !== undefined && isProtectedRoot(owner, path)
  const here = [...bundle.datasets.values()].filter((dataset) => dataset.cluster === cluster)
  const prefixes = new Set(here.flatMap((dataset) => dataset.prefixes))
  const known = new Map(here.map((dataset) => [dataset.name, dataset]))

  const reaching = new Set<Grant>()
  const leading = new Set<Grant>()
  for (const grant of bundle.grants) {
    if (isOver(grant, at)) continue
    if (doesAny(grant, bit(action)) && reaches(grant)) reaching.add(grant)
    if (looks && grant.effect === 'allow' && leadsOn(grant)) leading.add(grant)
  }

  function reaches(grant: Grant): boolean {
    if (grant.effect === 'allow') {
      if (owner === undefined || !grant.datasets.includes(owner.dataset.name)) return false
      return topsOf(owner.prefix, grant).some((top) => isAtOrBelow(path, top))
    }
    return topsIn(grant).some(({ top }) => isAtOrBelow(path, top))
  }

  function leadsOn(grant: Grant): boolean {
    return topsIn(grant).some(
      ({ top, prefix }) => top !== path && isAtOrBelow(top, path) && owningPrefix(top, prefixes) === prefix,
    )
  }

  function topsIn(grant: Grant): readonly { readonly top: HdfsPath; readonly prefix: HdfsPath }[] {
    return grant.datasets.flatMap((name) =>
      (known.get(name)?.prefixes ?? [])
        .filter((prefix) => isAtOrBelow(path, prefix) || isAtOrBelow(prefix, path))
        .flatMap((prefix) => topsOf(prefix, grant).map((top) => ({ top, prefix }))),
    )
  }

  return {
    bundle: narrowed(bundle, { grants: bundle.grants.filter((grant) => reaching.has(grant) || leading.has(grant)) }),
    answerOf(_identity, { grants }) {
      const reach = {
        allows: grants.filter((grant) => grant.effect === 'allow' && reaching.has(grant)),
        denies: grants.filter((grant) => grant.effect === 'deny' && reaching.has(grant)),
      }
      const led = grants.filter((grant) => leading.has(grant))
      const isDenied = (situation: Situation) => reach.denies.some((grant) => applies(grant, situation))
      const isOneIn = (some: readonly Grant[], situation: Situation) =>
        some.some((grant) => applies(grant, situation)) && !isDenied(situation)
      const when = isRoot ? NEVER : whenAllowed(reach, action, at)
      const dataset = owner === undefined ? {} : { dataset: owner.dataset.name }
      const isGranted = when === ALWAYS || led.length === 0
      if (isGranted) {
        if (reach.allows.length === 0 || isRoot) return undefined
        return { by: 'grant', ...dataset, when, ...reach, holdsIn: (situation) => isOneIn(reach.allows, situation) }
      }
      const ledWhen = [...new Set([...led, ...reach.allows].map((grant) => conditionOf(grant, at)))]
      const lasting = ledWhen.includes(ALWAYS) ? [ALWAYS] : ledWhen
      const except = reach.denies.map((grant) => conditionOf(grant, at))
      const allows = [...new Set([...reach.allows, ...led])]
      return {
        by: reach.allows.length > 0 ? 'grant' : 'ancestor',
        ...dataset,
        when: `${lasting.join('; or ')}${except.length === 0 ? '' : `; except ${except.join('; and ')}`}`,
        allows,
        denies: reach.denies,
        holdsIn: (situation) => isOneIn(allows, situation),
      }
    },
  }
}

const topsOf = (prefix: HdfsPath, { paths }: Grant): readonly HdfsPath[] =>
  paths.length === 0 ? [prefix] : paths.map((sub) => under(prefix, sub))

type Owner = { readonly dataset: Dataset; readonly prefix: HdfsPath }

const isProtectedRoot = ({ dataset, prefix }: Owner, path: HdfsPath): boolean =>
  (dataset.protect && path === prefix) || dataset.protectedPaths.some((sub) => under(prefix, sub) === path)
