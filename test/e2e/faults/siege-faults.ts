/** The ticket has ended and HDFS forgets the delegation token: what two hundred requests at once then make us do. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { forgetTokens } from './forget-tokens.ts'
import { processesOf } from './processes.ts'
import type { Scenario } from './scenario.ts'
import { type Stage, until } from './stage.ts'

const [REQUESTS, CLIENTS] = [200, 10]
const LOOK_MS = 20

/** All that a login leaves or makes. */
const FILES = new Set(['krb5.conf', 'krb5.conf.next', 'krb5.conf.next.new', 'ticket', 'ticket.next'])

const liveCache = ({ world }: Stage) => readFileSync(world.files.cache)
const otherFiles = ({ world }: Stage) => readdirSync(world.files.folder).filter((name) => !FILES.has(name))

/** Exchanges with the NameNodes, and logins, that have failed so far. */
async function failures({ sidecar }: Stage): Promise<number> {
  const counts = (await sidecar.metrics()).matchAll(/^kerbside_credential_failures_total\{.*\} (\d+)$/gm)
  return [...counts].reduce((total, [, count]) => total + Number(count), 0)
}

async function askOften({ load }: Stage): Promise<readonly (string | undefined)[]> {
  const answers = []
  for (let number = 0; number < REQUESTS / CLIENTS; number++) answers.push(await load.ask('/data/market?op=LISTSTATUS'))
  return answers
}

/** The most processes at once while the work goes on. */
async function mostProcesses<T>(stage: Stage, work: Promise<T>): Promise<readonly [T, number]> {
  let most = 0
  let isOver = false
  const done = work.finally(() => {
    isOver = true
  })
  while (!isOver) {
    most = Math.max(most, processesOf(stage).length)
    await sleep(LOOK_MS)
  }
  return [await done, most]
}

export const SIEGE_FAULTS = {
  'siege-while-expired': {
    stage: { ownKdc: true, ticketSeconds: 32 },
    async breaks(stage) {
      await stage.kdc.stop()
      await until('the ticket to end', async () =>
        (await stage.standing()).some((line) => line.startsWith('ticket: expired')),
      )
      await forgetTokens(stage)
    },
    async meanwhile(stage) {
      const [cacheBefore, failuresBefore] = [liveCache(stage), await failures(stage)]
      const all = Promise.all(Array.from({ length: CLIENTS }, () => askOften(stage)))
      const [answers, most] = await mostProcesses(stage, all)
      expect(answers.flat().filter((answer) => answer?.startsWith('503 RetriableException: ') !== true)).toEqual([])
      // Beside the sidecar one login, with its kinit.
      expect(most).toBeLessThanOrEqual(3)
      expect((await failures(stage)) - failuresBefore).toBeLessThan(REQUESTS / 20)
      expect(liveCache(stage).equals(cacheBefore), 'the live credential cache is not written to').toBe(true)
      // A keytab may just be there, in a file that is about to lose its name.
      expect(otherFiles(stage).filter((name) => !/^\.[0-9a-f]{16}$/.test(name))).toEqual([])
    },
    mends: (stage) => stage.kdc.start(),
  },
} as const satisfies Record<string, Scenario>
