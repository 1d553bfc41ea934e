/** Faults of time: a machine whose clock is set, and one that sleeps. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { signalAll } from './processes.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const TEN_MINUTES = 600
/** Longer than the ticket of who sleeps holds. */
const SLEEP_SECONDS = 48

const metricOf = async (stage: Stage, name: string) =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec(await stage.sidecar.metrics())?.[1])

/** Accounts of Active Directory, and of most others, have to prove the time before they get a ticket. */
const provesTime = async ({ world, principal }: Stage) => {
  await world.kadmin(`modprinc +requires_preauth ${principal}`)
  return undefined
}

const setBy = (seconds: number): Scenario => ({
  stage: { ownClock: true, prepare: provesTime },
  breaks: async (stage) => stage.clock.set(seconds),
  async meanwhile(stage) {
    await stage.nextLogged((line) => line.includes('ticket acquired'))
    const offset = await metricOf(stage, 'kerbside_clock_offset_seconds')
    expect(Math.abs(offset + seconds), 'what is left of the difference').toBeLessThan(60)
    expect(stage.sidecar.log()).toContain('set the clock of the node; Kerberos allows 5 minutes')
    expect(stage.sidecar.log()).not.toMatch(/ticket is (stale|expired)/)
  },
  async mends(stage) {
    stage.clock.set(0)
    await stage.nextLogged((line) => line.includes('ticket acquired'))
    expect(Math.abs(await metricOf(stage, 'kerbside_clock_offset_seconds'))).toBeLessThan(60)
  },
})

export const CLOCK_FAULTS = {
  'clock-ahead': setBy(TEN_MINUTES),
  'clock-behind': setBy(-TEN_MINUTES),
  slept: {
    stage: { ownClock: true, ticketSeconds: 40 },
    async breaks(stage) {
      signalAll(stage, 'SIGSTOP')
      await sleep(SLEEP_SECONDS * 500)
      stage.clock.set(SLEEP_SECONDS)
      stage.clock.sleep(SLEEP_SECONDS)
      signalAll(stage, 'SIGCONT')
    },
    mends: (stage) => stage.nextLogged((line) => line.includes('ticket acquired')),
  },
} as const satisfies Record<string, Scenario>
