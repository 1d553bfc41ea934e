/**
 * `npm run fuzz:parsers -- --minutes N [--seed S]`: keytabs, credential caches and Hadoop configurations, to our readers and to
 * libkrb5 and Hadoop as judges. Ends with 1 at the first find.
 */
import { parseArgs } from 'node:util'
import { startHadoopConfiguration } from '../../peers/hadoop-configuration/peer.ts'
import { judgeHadoop } from './hadoop-judge.ts'
import { judgeKerberos } from './kerberos-judge.ts'

const BATCH = 500

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? 2)
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31)
if (!(minutes >= 0) || !Number.isInteger(firstSeed)) throw new Error('--minutes and --seed are numbers')

const until = performance.now() + minutes * 60_000
const peer = await startHadoopConfiguration()
try {
  let count = 0
  for (let seed = firstSeed; performance.now() < until && process.exitCode === undefined; seed += 1) {
    const asked = { count: BATCH, seed }
    const judged = { hadoop: await judgeHadoop(peer, asked), ...kerberos(asked) }
    for (const [what, { finds }] of Object.entries(judged)) {
      count += BATCH
      for (const find of finds) console.log(`  ${what}, seed ${seed}: ${find}`)
      if (finds.length > 0) process.exitCode = 1
    }
  }
  console.log(`  ${count} files, from seed ${firstSeed} on: ${process.exitCode === 1 ? 'finds' : 'no find'}`)
} finally {
  await peer.stop()
}

function kerberos(asked: { readonly count: number; readonly seed: number }) {
  return { keytab: judgeKerberos('keytab', asked), ccache: judgeKerberos('ccache', asked) }
}
