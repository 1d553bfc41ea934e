/** The rows of `npm run bench -- gateway`, in order, each with its goal. */
import { curl } from './curl.ts'
import { FOLDER, LARGE, LARGE_BYTES, type Local, SMALL_BYTES, smallFile, WRITTEN_BYTES } from './files.ts'
import type { MemoryWatch, Watched } from './memory-watch.ts'
import { type Bench, measure } from './rows.ts'
import { costLine, figureOf, latencyLine, line, rateLine, tableHeader } from './table.ts'
import type { WayName } from './ways.ts'

const isPeer = (way: WayName): boolean => way === 'httpfs' || way === 'knox'
const megabytes = (bytes: number): string => `${bytes / 1e6} MB`

const STREAMS = 8
/** HttpFS and Knox read this much where the others read {@link LARGE_BYTES}. */
const PEER_READ_BYTES = 200_000_000
/** Each of the eight. */
const STREAM_BYTES = 125_000_000
const PEER_STREAM_BYTES = 25_000_000
const METADATA = { ours: 1000, peers: 300 }
const SMALL = { ours: 500, peers: 100 }
/** All that one sidecar is to have read when its memory is looked at the last time. */
const FLAT_BYTES = 10_000_000_000

export async function measureAll(bench: Bench, local: Local, memory: MemoryWatch): Promise<void> {
  const atRest = memory.now()
  const open = (length: number) => `${LARGE}?op=OPEN&length=${length}`
  const read = await measure(bench, {
    what: 'read',
    work: (way) => ({ paths: [open(isPeer(way) ? PEER_READ_BYTES : LARGE_BYTES)] }),
    figure: 'MB/s',
    rounds: 3,
  })
  const eight = await memory.most(() =>
    measure(bench, {
      what: `${STREAMS} reads at once`,
      work: (way) => ({
        paths: Array.from({ length: STREAMS }, () => open(isPeer(way) ? PEER_STREAM_BYTES : STREAM_BYTES)),
        parallel: STREAMS,
      }),
      figure: 'MB/s',
      rounds: 3,
    }),
  )
  const written = await measure(bench, {
    what: 'write',
    work: (way) => ({ paths: [`${FOLDER}/written-${way}?op=CREATE&overwrite=true`], upload: local.written }),
    figure: 'MB/s',
    rounds: 3,
  })
  const metadata = await measure(bench, {
    what: 'GETFILESTATUS',
    work: (way) => ({
      paths: Array.from({ length: isPeer(way) ? METADATA.peers : METADATA.ours }, () => `${LARGE}?op=GETFILESTATUS`),
    }),
    figure: 'ms p50',
    rounds: 3,
  })
  const small = await measure(bench, {
    what: 'small files',
    work: (way) => ({
      paths: Array.from(
        { length: isPeer(way) ? SMALL.peers : SMALL.ours },
        (_, index) => `${smallFile(index)}?op=OPEN`,
      ),
      parallel: 4,
    }),
    figure: 'files/s',
    rounds: 3,
  })
  const readSoFar = 3 * (LARGE_BYTES + STREAMS * STREAM_BYTES)
  const rest = Math.max(0, Math.ceil((FLAT_BYTES - readSoFar) / (STREAMS * STREAM_BYTES)))
  const ours = bench.ways.filter(({ name }) => name === 'kerbside')
  const later = await memory.most(async () => {
    for (let round = 0; round < rest; round++) {
      for (const way of ours) {
        await curl(bench.authority, {
          way,
          paths: Array.from({ length: STREAMS }, () => open(STREAM_BYTES)),
          parallel: STREAMS,
        })
      }
    }
  })
  const gigabytes = (readSoFar + rest * STREAMS * STREAM_BYTES) / 1e9
  bench.say(`${gigabytes} GB read through one sidecar`)

  tableHeader()
  const overHttpFs = (figureOf(read, 'kerbside') / figureOf(read, 'httpfs')).toFixed(1)
  rateLine(`read ${megabytes(LARGE_BYTES)}, one stream`, read, 'MB/s', `≥ 0.95, ≥ 2× HttpFS: ${overHttpFs}×`)
  costLine('  processor time of the proxy', read, 'proxySeconds')
  costLine('  processor time of the client', read, 'clientSeconds')
  rateLine(`read ${STREAMS} × ${megabytes(STREAM_BYTES)} at once`, eight.value, 'MB/s', '≥ 0.90 of direct')
  costLine('  processor time of the proxy', eight.value, 'proxySeconds')
  costLine('  processor time of the client', eight.value, 'clientSeconds')
  rateLine(`write ${megabytes(WRITTEN_BYTES)}, two replicas`, written, 'MB/s', '≥ 0.95 of direct')
  costLine('  processor time of the proxy', written, 'proxySeconds')
  latencyLine('GETFILESTATUS, kept connection, p50', metadata, '≤ +0.30 ms, below HttpFS')
  rateLine(`${SMALL.ours} reads of files of ${SMALL_BYTES / 1000} kB, 4 at once`, small, '/s', '≥ 0.80 of direct')
  const mebibytes = (of: Readonly<Record<Watched, number>>) => [
    '–',
    ...(['kerbside', 'httpfs', 'knox'] as const).map((name) => `${of[name].toFixed(1)} MiB`),
  ]
  line({ what: 'Private_Dirty at rest', cells: mebibytes(atRest), goal: '≤ 25 MiB' })
  line({ what: `  at most, ${STREAMS} reads at once`, cells: mebibytes(eight.most), goal: '≤ 40 MiB' })
  line({
    what: `  at most, eight at once again, up to ${gigabytes} GB read`,
    cells: mebibytes(later.most),
    goal: 'no more than above',
  })
}
