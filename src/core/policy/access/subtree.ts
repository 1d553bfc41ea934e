/** Who may do something to a path and to everything below it: the regions there, of the datasets that lie around and below. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Action } from '../action.ts'
import { type Bundle, narrowed } from '../bundle.ts'
import { isOver } from '../decision/in-force.ts'
import { type Region, regionsOf } from '../regions.ts'
import { type Answers, type Asked, isAtOrBelow } from './answer.ts'
import { allowedIn, bit, doesAny, UPROOTING } from './situations.ts'
import { ALWAYS, NEVER, whenAllowed } from './words.ts'

export function subtreeAnswers(bundle: Bundle, { action, path, cluster, at }: Asked): Answers {
  const datasets = new Map(
    [...bundle.datasets].filter(
      ([, dataset]) =>
        dataset.cluster === cluster &&
        dataset.prefixes.some((prefix) => isAtOrBelow(path, prefix) || isAtOrBelow(prefix, path)),
    ),
  )
  const grants = bundle.grants.filter(
    (grant) => doesAny(grant, bit(action)) && !isOver(grant, at) && grant.datasets.some((name) => datasets.has(name)),
  )
  return {
    bundle: narrowed(bundle, { datasets, grants }),
    answerOf(identity, mine) {
      const all = regionsOf(mine, identity)
      const top = all.findLast((region) => isAtOrBelow(path, region.path))
      if (top === undefined || top.allows.length === 0) return undefined
      const regions = [top, ...all.filter((region) => region !== top && isAtOrBelow(region.path, path))]
      if (regions.some((region) => isUprooted(region, path, action) || region.allows.length === 0)) return undefined
      return {
        by: 'grant',
        dataset: top.dataset,
        when: whenAll(regions, action, at),
        allows: [...new Set(regions.flatMap(({ allows }) => allows))],
        denies: [...new Set(regions.flatMap(({ denies }) => denies))],
        holdsIn: (situation) => regions.every((region) => (allowedIn(region, situation) & bit(action)) !== 0),
      }
    },
  }
}

const isUprooted = (region: Region, path: HdfsPath, action: Action): boolean =>
  (bit(action) & UPROOTING) !== 0 && region.isProtected && isAtOrBelow(region.path, path)

/** When it is allowed in all of them. */
function whenAll(regions: readonly Region[], action: Action, at: number): string {
  const all = [...new Set(regions.map((region) => whenAllowed(region, action, at)))]
  if (all.includes(NEVER)) return NEVER
  const asking = all.filter((when) => when !== ALWAYS)
  return asking.length === 0 ? ALWAYS : asking.join('; and below it, ')
}
