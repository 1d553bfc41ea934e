/** A policy of three teams, in which `quant` may write some documents by itself. */

import { authorship } from '../../../../src/core/policy/authorship/authorship.ts'
import type { State } from '../../../../src/core/policy/authorship/change.ts'
import { buildBundle } from '../../../../src/core/policy/language/build-bundle.ts'
import { formatProblem } from '../../../../src/core/policy/language/problem.ts'
import { readYaml } from '../../../../src/io/policy/yaml.ts'
import { dataset, document, grant, identity, LAB } from '../../../io/policy/folder.ts'

export const NOW = Date.parse('2026-06-01T12:00:00Z')

export const stateOf = (texts: Iterable<string>): State | undefined => {
  const result = buildBundle(readYaml('a.yaml', Buffer.from([...texts].join(''))), () => 'hash')
  return 'problems' in result ? undefined : result
}

export { dataset, grant, identity, LAB }

/** In cluster `lab`. */
export const delegationFor = (team: string, given: object): string =>
  document('Delegation', `${team}-itself`, { team, cluster: 'lab', ...given })

export const delegation = (given: object = {}): string =>
  document('Delegation', 'quant-itself', {
    team: 'quant',
    cluster: 'lab',
    kinds: ['Grant', 'Dataset', 'PolicyTest', 'Identity'],
    datasets: ['market', 'scratch', 'inner'],
    prefixes: ['/team/quant'],
    labels: { stage: ['raw', 'clean'] },
    teams: ['quant', 'risk'],
    actions: ['write'],
    ...given,
  })

const one = (operation: string, path: string, identity = 'quant-research') => ({
  identity,
  operation,
  path,
  expect: 'deny',
})
export const OWN_CASE = one('APPEND', '/team/quant/scratch/x')
export const WALL_CASE = one('OPEN', '/data/trades/x')
export const THEIR_CASE = one('OPEN', '/team/quant/scratch/x', 'risk-batch')

/** By name, so that a test says which one it changes. */
export const BASE: Readonly<Record<string, string>> = {
  lab: LAB,
  far: LAB.replaceAll('lab', 'far').replaceAll('LAB', 'FAR'),
  quant: identity('quant-research'),
  risk: identity('risk-batch', { team: 'risk', principal: 'risk@LAB', secret: 'hdfs/risk' }),
  trading: identity('trading-desk', { team: 'trading', principal: 'trading@LAB', secret: 'hdfs/trading' }),
  market: dataset('market', '/data/market', { labels: { sensitivity: 'restricted' } }),
  scratch: dataset('scratch', '/team/quant/scratch', { labels: { stage: 'raw', sensitivity: 'restricted' } }),
  inner: dataset('inner', '/team/quant/scratch/inner'),
  guest: dataset('guest', '/team/quant/guest', { owner: 'trading' }),
  platform: dataset('platform', '/team', { owner: 'trading' }),
  trades: dataset('trades', '/data/trades', { owner: 'trading', labels: { sensitivity: 'secret' } }),
  reads: grant('reads'),
  writes: grant('writes', { datasets: ['scratch'], actions: ['write'] }),
  admin: grant('admin', { teams: ['risk'], datasets: ['inner'], actions: ['admin'] }),
  all: grant('all', { datasets: ['platform'], actions: ['read'] }),
  trader: grant('trader', { teams: ['trading'], datasets: ['trades'], actions: ['manage'] }),
  wall: grant('wall', {
    effect: 'deny',
    datasets: undefined,
    datasetSelector: { matchLabels: { sensitivity: 'restricted' } },
    actions: ['acl', 'append'],
    teams: ['quant', 'risk'],
  }),
  lock: grant('lock', {
    effect: 'deny',
    teams: undefined,
    identities: ['quant-research'],
    datasets: ['scratch'],
    actions: ['delete'],
  }),
  tests: document('PolicyTest', 'access', { cases: [OWN_CASE, WALL_CASE, THEIR_CASE] }),
  delegation: delegation(),
}

/** What is told when `quant` makes this change: `code message`. */
export function told(changes: Readonly<Record<string, string | undefined>>, base = BASE): readonly string[] {
  const now = Object.entries({ ...base, ...changes }).flatMap(([, text]) => text ?? [])
  return authorship({ base: whole(Object.values(base)), now: whole(now), team: 'quant', at: NOW }).map(
    ({ code, message, hint }) => `${code} ${message}${hint === undefined ? '' : `; ${hint}`}`,
  )
}

function whole(texts: readonly string[]): State {
  const result = buildBundle(readYaml('a.yaml', Buffer.from(texts.join(''))), () => 'hash')
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result
}

export const scratch = (given: object = {}, ...prefixes: readonly string[]) =>
  dataset('scratch', '/team/quant/scratch', {
    labels: { stage: 'raw', sensitivity: 'restricted' },
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...given,
  })
export const tests = (...cases: readonly object[]) => document('PolicyTest', 'access', { cases })
