/** The gateway under siege: taps, canaries and all that is needed to fire at it and to see what comes of it. */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { startTap } from '../e2e/gateway/tap.ts'
import type { Lab } from '../lab/lab.ts'
import { Sweep } from '../sweep/sweep.ts'
import { type GatewayApart, startGatewayApart } from './gateway-apart.ts'
import { inspectorFor } from './inspect.ts'
import { observe } from './observe.ts'
import { type IdentityName, readPolicy, sliceFor } from './policies.ts'
import { Privileged } from './privileged.ts'
import { judgeFor } from './upstream/judge.ts'
import type { Volley } from './volley.ts'
import { makeWorld, type World } from './world.ts'

export type Violation = {
  readonly kind: 'answer' | 'upstream' | 'tree' | 'record'
  readonly what: string
}

export type Siege = {
  readonly gateway: GatewayApart
  readonly world: World
  /** Since the start. */
  readonly upstreamRequests: number
  become(identity: IdentityName): Promise<void>
  /** What came of these is looked at at once. */
  look(volley: Volley): Violation | undefined
  /** Waits until nothing is on its way to HDFS any more. */
  settle(): Promise<void>
  /** What was seen upstream since the last call, and with `tree` what was changed where nothing may change. */
  takeViolations(tree: boolean): Promise<readonly Violation[]>
  /** Whether something was seen upstream that should not have been. */
  readonly isBreached: boolean
  end(): Promise<void>
}

const QUIET_MS = 30

export async function besiege(lab: Lab, weakening: string | undefined): Promise<Siege> {
  const bundle = await readPolicy()
  const hdfs = await Privileged.of(lab)
  const world = await makeWorld(hdfs)
  const names = new Map([...(await observe(hdfs)).inodes].map(([path, inode]) => [inode, path]))
  const judge = judgeFor(bundle, names, hdfs.delegationToken)
  const inspect = inspectorFor(world, new Sweep({ 'delegation token': hdfs.delegationToken }))
  let identity: IdentityName = 'careful'
  let upstreamRequests = 0
  let lastAt = 0
  let violations: Violation[] = []
  const tap = await startTap(lab, (upstream) => {
    upstreamRequests += 1
    lastAt = performance.now()
    const what = judge(upstream, identity)
    if (what !== undefined) violations.push({ kind: 'upstream', what })
  })
  const gateway = await startGatewayApart({
    slice: sliceFor(bundle, identity, tap.nameNodes),
    delegationToken: hdfs.delegationToken,
    caPem: readFileSync(lab.files.authority, 'utf8'),
    weakening,
  })
  return {
    gateway,
    world,
    get upstreamRequests() {
      return upstreamRequests
    },
    get isBreached() {
      return violations.length > 0
    },
    async become(next) {
      identity = next
      await gateway.setSlice(sliceFor(bundle, next, tap.nameNodes))
    },
    look({ received }) {
      const what = inspect(received)
      return what === undefined ? undefined : { kind: 'answer', what }
    },
    async settle() {
      do await pause(QUIET_MS)
      while (performance.now() - lastAt < QUIET_MS)
    },
    async takeViolations(tree) {
      const { leaks } = await gateway.report()
      const found = [...violations, ...leaks.map((what): Violation => ({ kind: 'record', what }))]
      violations = []
      if (tree) found.push(...(await world.changes()).map((what): Violation => ({ kind: 'tree', what })))
      return found
    },
    async end() {
      await gateway.stop()
      await tap.stop()
      await world.remove()
      hdfs.close()
    },
  }
}
