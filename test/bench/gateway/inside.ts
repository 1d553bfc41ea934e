/** The gateway beside its peers, in one run, on one HDFS, by one client. Runs inside the lab. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bundle } from '../../../deploy/image/bundle.ts'
import { SIDECAR_MEMORY } from '../../../src/core/identity/sidecar-memory.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { startSidecar } from '../../e2e/credentials/sidecar-process.ts'
import { World } from '../../e2e/credentials/world.ts'
import { standHere } from '../../e2e/gateway/standing.ts'
import { startHttpFs } from '../../peers/proxies/httpfs.ts'
import { allowImpersonation } from '../../peers/proxies/impersonation.ts'
import { startKnox } from '../../peers/proxies/knox.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { ROOT } from '../../suite.ts'
import { makeFiles, removeFiles } from './files.ts'
import { MemoryWatch } from './memory-watch.ts'
import { measureAll } from './questions.ts'
import { direct, httpfs, kerbside, knox } from './ways.ts'

/** To look closer, as `--cpu-prof`. */
const NODE_FLAGS = process.argv.slice(2)
/** Long enough for what start-up left behind to be collected. */
const SETTLE_MS = 3000

const began = performance.now()
const say = (text: string) => console.log(`  ${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s  ${text}`)

const standing = await standHere()
const world = new World()
// Inside the checkout, so that it finds the packages.
const bundled = join(ROOT, 'dist', `bench-${process.pid}`)
const ends: (() => Promise<unknown>)[] = []
try {
  await bundle(ROOT, bundled)
  const program = [process.execPath, ...NODE_FLAGS, join(bundled, 'src/kerbside.js')]
  const sidecar = await startSidecar(world, program, { env: SIDECAR_MEMORY })
  ends.push(() => sidecar.stop())
  sidecar.broker.answer(stream(writeSlice(SLICE)))
  while ((await sidecar.ready()).status !== 200) await wait(100)
  say('the sidecar is ready, bundled and whole')
  await allowImpersonation(standing.lab)
  const ofHttpFs = await startHttpFs(standing.lab)
  ends.push(ofHttpFs.stop)
  say('HttpFS serves the same HDFS')
  const ofKnox = await startKnox(standing.lab)
  ends.push(ofKnox.stop)
  say('Knox does, too')
  const ways = [
    direct(await standing.active(), standing.delegationToken),
    kerbside(sidecar.gateway, sidecar.pid),
    httpfs(ofHttpFs.pid),
    knox(ofKnox.pid),
  ]
  const local = await makeFiles(standing, ways[0] as (typeof ways)[0], say)
  ends.push(() => removeFiles(standing, local))
  await wait(SETTLE_MS)
  const memory = new MemoryWatch({ kerbside: sidecar.pid, httpfs: ofHttpFs.pid, knox: ofKnox.pid })
  await measureAll({ authority: standing.lab.files.authority, ways, say }, local, memory)
  say('done')
} finally {
  for (const end of ends.reverse()) await end()
  await standing.stop()
  world.remove()
  rmSync(bundled, { recursive: true, force: true })
}
