/** The fuzzer's part inside the lab: `SEED SECONDS [WEAKENING]`. Ends with 1 when something got past the gateway. */
import { attach } from '../lab/lab.ts'
import { keepFind, shown } from './corpus.ts'
import { fuzz } from './fuzz.ts'

const [seed = '1', seconds = '60', weakening] = process.argv.slice(2)
const lab = attach()
if (lab === undefined) throw new Error('this runs inside the lab')

const say = (line: string) => process.stdout.write(`  ${line}\n`)
const fuzzed = await fuzz(lab, { seed: Number(seed), seconds: Number(seconds), weakening, say })
for (const [reason, count] of [...fuzzed.denied].sort(([, one], [, other]) => other - one)) {
  say(`${String(count).padStart(9)} denied: ${reason}`)
}
for (const { kind, what } of fuzzed.violations.slice(0, 20)) say(`violation (${kind}): ${what.slice(0, 240)}`)
if (fuzzed.foundAfterSeconds !== undefined) say(`found after ${fuzzed.foundAfterSeconds.toFixed(1)} s`)
if (fuzzed.request !== undefined) {
  say(`the shortest request that shows it:\n${shown(fuzzed.request)}`)
  // What a weakened gateway lets past is no find.
  if (weakening === undefined) say(`kept in ${keepFind(fuzzed.violations[0]?.what ?? '', fuzzed.request)}`)
}
const refused = [...fuzzed.denied.values()].reduce((sum, count) => sum + count, 0)
say(
  [
    `${fuzzed.seconds.toFixed(1)} s, seed ${seed}: ${fuzzed.requests} requests, ${Math.round(fuzzed.requests / fuzzed.seconds)} a second`,
    `${fuzzed.answers} answers, ${fuzzed.allowed} allowed, ${refused} denied, ${fuzzed.upstreamRequests} upstream`,
    `gateway at most ${Math.round(fuzzed.rssBytes / 1024 / 1024)} MiB, ${fuzzed.violations.length} violations`,
  ].join('; '),
)
process.exitCode = fuzzed.violations.length > 0 ? 1 : 0
