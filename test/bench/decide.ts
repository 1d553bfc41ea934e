/** How long one decision takes, with few datasets and with many: the cost must not grow with their number. */
import { type HdfsPath, parsePath } from '../../src/core/hdfs/path.ts'
import { PRESETS } from '../../src/core/policy/action.ts'
import { decide } from '../../src/core/policy/decide.ts'
import type { Demand } from '../../src/core/policy/demand.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { buildTrie, type Trie } from '../../src/core/policy/trie.ts'

export type DecideFigures = {
  readonly datasets: number
  /** Nanoseconds for one decision on a path of six segments: the fastest batch, and the median one, which shares its machine. */
  readonly bestNs: number
  readonly medianNs: number
  /** The same for a subtree at the root of a dataset. */
  readonly subtreeBestNs: number
  readonly subtreeMedianNs: number
  /** Milliseconds to make the trie. */
  readonly buildMs: number
  /** Bytes of heap that the trie holds, beyond its slice; `NaN` without `node --expose-gc`. */
  readonly heapBytes: number
}

const NOW = Date.UTC(2026, 5, 1)
const BATCH = 1000
const BATCHES = 500
/** Not in step with the number of datasets, so that each batch touches others. */
const STRIDE = 7919

export function benchDecide(sizes: readonly number[] = [10, 10_000]): readonly DecideFigures[] {
  return sizes.map(measure)
}

function measure(datasets: number): DecideFigures {
  const slice = sliceOf(datasets)
  const before = heapUsed()
  const began = performance.now()
  const trie = buildTrie(slice)
  const buildMs = performance.now() - began
  const heapBytes = heapUsed() - before
  const [bestNs, medianNs] = timed(trie, (index) => demandOn(slice, index, '/raw/2026/file.csv'))
  const [subtreeBestNs, subtreeMedianNs] = timed(trie, (index) => demandOn(slice, index, '', 'subtree'))
  return { datasets, bestNs, medianNs, subtreeBestNs, subtreeMedianNs, buildMs, heapBytes }
}

/** Every other dataset is granted, every fifth of those until a moment to come. */
function sliceOf(datasets: number): Slice {
  const indexes = Array.from({ length: datasets }, (_, index) => index)
  return {
    format: 1,
    bundle: 'sha256:bench',
    identity: 'bench',
    team: 'bench',
    principal: 'bench@LAB',
    secret: 'hdfs/bench',
    home: '/team/bench',
    cluster: {
      name: 'lab',
      nameservice: 'lab',
      nameNodes: [],
      dataNodeHosts: [],
      realm: 'LAB',
      kdcs: [],
      secret: 'hdfs/lab',
    },
    grants: indexes.map((index) => ({
      name: `grant-${index}`,
      at: `grants.yaml:${index + 1}`,
      effect: index % 2 === 0 ? 'allow' : 'deny',
      actions: PRESETS.write,
      ...(index % 10 === 0 ? { expiresAt: NOW + 86_400_000 } : {}),
    })),
    prefixes: indexes.map((index) => ({
      path: `/data/area-${index % 100}/set-${index}`,
      dataset: `set-${index}`,
      protect: true,
      grants: [index],
    })),
  }
}

/** Made anew each time, as a request's path is. */
function demandOn(slice: Slice, index: number, below: string, scope: Demand['scope'] = 'this'): Demand {
  const prefix = slice.prefixes[index % slice.prefixes.length]
  return { action: 'read', path: canonical(`${prefix?.path}${below}`), scope }
}

function canonical(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.path
}

/** Least and median of the means of batches, in nanoseconds; the first tenth of the batches warms up. */
function timed(trie: Trie, demandAt: (index: number) => Demand): readonly [best: number, median: number] {
  const means: number[] = []
  let allowed = 0
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const demands = Array.from({ length: BATCH }, (_, at) => [demandAt((batch * BATCH + at) * STRIDE)])
    const began = process.hrtime.bigint()
    for (const demand of demands) if (decide(trie, demand, NOW).effect === 'allow') allowed += 1
    means.push(Number(process.hrtime.bigint() - began) / BATCH)
  }
  if (allowed === 0 || allowed === BATCH * BATCHES) throw new Error('the bench decides nothing')
  const warm = means.slice(BATCHES / 10).sort((one, other) => one - other)
  return [warm[0] ?? Number.NaN, warm[Math.floor(warm.length / 2)] ?? Number.NaN]
}

function heapUsed(): number {
  if (globalThis.gc === undefined) return Number.NaN
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
