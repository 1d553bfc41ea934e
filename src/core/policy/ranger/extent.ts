/** What a path value of a Ranger policy reaches, in the words of prefixes. */
import { type HdfsPath, parsePath, ROOT, segmentsOf } from '../../hdfs/path.ts'
import type { RangerResources } from './export.ts'
import { strangeFields } from './export.ts'
import type { Reason } from './reasons.ts'

/**
 * `tree`: the path and everything below. `below`: everything below, and not the path. `self`: the path, and nothing
 * below. `unclear`: some of the path and of what is below it, for a reason, and nothing elsewhere.
 */
export type Extent = {
  readonly path: HdfsPath
  readonly reach: 'tree' | 'below' | 'self' | 'unclear'
  readonly why?: Reason
}

/** Whether a path may be one of those that an extent reaches. */
export function covers({ path, reach }: Pick<Extent, 'path' | 'reach'>, other: HdfsPath): boolean {
  if (path === other) return reach !== 'below'
  return reach !== 'self' && isBelow(other, path)
}

/** Strictly below, by whole components. */
export const isBelow = (path: HdfsPath, top: HdfsPath): boolean =>
  path !== top && (top === ROOT || path.startsWith(`${top}/`))

/** Every value of a policy, its additional resources too. A policy that Ranger would match with everything is unclear at `/`. */
export function extentsOf(sets: readonly RangerResources[]): readonly Extent[] {
  return sets.flatMap((resources): readonly Extent[] => {
    const { path, ...others } = resources
    if (path === undefined || Object.keys(others).length > 0) return [unclear(ROOT, 'resource')]
    if (strangeFields('resource', path).length > 0) return [unclear(ROOT, 'unknown-field')]
    if (path.isExcludes) return [unclear(ROOT, 'excludes')]
    const values = path.values.filter((value) => value !== '')
    if (values.length === 0) return [unclear(ROOT, 'resource')]
    return values.flatMap((value) => extentOf(value, path.isRecursive) ?? [])
  })
}

/**
 * One value, as `RangerPathResourceMatcher` of Ranger 2.9 matches it for HDFS (wildcards on, case kept). Undefined when no
 * canonical path can match.
 *
 * | value     | recursive                      | not recursive                                  |
 * | --------- | ------------------------------ | ---------------------------------------------- |
 * | `/a`      | `/a` and below                 | `/a`                                           |
 * | `/a/`     | below `/a`, as `/a/*`          | nothing                                        |
 * | `/a/*`    | below `/a`                     | below `/a`, however deep: the text begins so   |
 * | `/`, `/*` | everything                     | `/` alone; everything                          |
 * | `*`       | everything                     | everything                                     |
 * | others with `*`, `?` or `{USER}` | unclear               | unclear                                        |
 */
export function extentOf(value: string, isRecursive: boolean): Extent | undefined {
  if (value === '*') return { path: ROOT, reach: 'tree' }
  const text = isRecursive && value.endsWith('/') ? `${value}*` : value
  if (/[{}$\\]/.test(text)) return unclear(literalTop(text), 'macro')
  const [, top] = /^([^*?]*)\/\*+$/.exec(text) ?? []
  if (top === '') return { path: ROOT, reach: 'tree' }
  if (/[*?]/.test(top ?? text)) return unclear(literalTop(text), 'wildcard')
  const path = canonical(top ?? text)
  if (path === undefined) return canBeAsked(top ?? text) ? unclear(literalTop(text), 'resource') : undefined
  if (top !== undefined) return { path, reach: 'below' }
  return { path, reach: isRecursive ? 'tree' : 'self' }
}

const unclear = (path: HdfsPath, why: Reason): Extent => ({ path, reach: 'unclear', why })

/** A prefix of ours: canonical, and without what looks like a second encoding. */
function canonical(text: string): HdfsPath | undefined {
  const parsed = parsePath(text)
  return 'path' in parsed && !/%[0-9a-f]{2}/i.test(text) ? parsed.path : undefined
}

/** HDFS asks Ranger about absolute paths without empty and dot components, whatever else is in them. */
function canBeAsked(text: string): boolean {
  return (
    text.startsWith('/') &&
    !text
      .slice(1)
      .split('/')
      .some((segment) => segment === '' || segment === '.' || segment === '..')
  )
}

/** The path of all components before the first that is not a plain name. */
function literalTop(text: string): HdfsPath {
  if (!text.startsWith('/')) return ROOT
  let top = ROOT
  for (const segment of text.slice(1).split('/')) {
    const next = /[*?{}$\\]/.test(segment) ? undefined : canonical(top === ROOT ? `/${segment}` : `${top}/${segment}`)
    if (next === undefined) return top
    top = next
  }
  // The value itself is not a plain path, so that its last component never counts.
  return segmentsOf(top).length === 0 ? ROOT : top
}
