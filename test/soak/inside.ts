/** The soak itself, inside its lab: several clients at a sidecar until the time is over, a line each ten seconds, and a verdict. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Load } from '../e2e/faults/load.ts'
import { ship, unship } from '../e2e/faults/shipped.ts'
import { Stage } from '../e2e/faults/stage.ts'
import { inOpenbao } from './in-openbao.ts'
import { SlowReader } from './slow-reader.ts'
import { Watch } from './watch.ts'
import { Writer } from './writer.ts'

const LINE_EVERY_MS = 10_000
const TICKET_SECONDS = 40
/** Between two requests of one client. */
const PAUSE_MS = 250
const WRITERS = ['one', 'two'] as const

const seconds = Number(process.argv[2])
const secrets = await inOpenbao(seconds)
await ship()
const stage = await Stage.open('soak', {
  ticketSeconds: TICKET_SECONDS,
  pauseMs: PAUSE_MS,
  ...secrets,
})
const { gateway } = stage.sidecar
const clients = [
  stage.load,
  new Load(gateway, PAUSE_MS),
  ...WRITERS.map((name) => new Writer(gateway, `/team/quant/soak-${name}`, PAUSE_MS)),
  new SlowReader(gateway),
]
const watch = new Watch(stage, clients)
while (watch.seconds < seconds && !watch.hasEnded) {
  await sleep(Math.min(LINE_EVERY_MS, Math.max(0, seconds - watch.seconds) * 1000))
  console.log(`  ${watch.line()}`)
}
for (const client of clients) await client.stop()
const problems = watch.problems()
console.log(`soak: ${watch.line()}`)
for (const problem of problems) console.log(`  ${problem}`)
await stage.close()
unship()
process.exit(problems.length === 0 ? 0 : 1)
