/** Faults of HDFS, which all tests share: these are played one after the other, and leave the NameNodes as they found them. */

import { attach, type Lab } from '../../lab/lab.ts'
import { connects } from '../../lab/probe.ts'
import { asAdmin } from '../gateway/as-admin.ts'
import { failOver, forceActive, makeStandby } from '../gateway/fail-over.ts'
import type { NameNode } from '../gateway/standing.ts'
import { forgetTokens } from './forget-tokens.ts'
import { signalAll } from './processes.ts'
import type { Scenario } from './scenario.ts'
import { type Stage, until } from './stage.ts'

const HOUR = 3600
/** A delegation token holds for a day, and is renewed after at most three quarters of it. */
const UNTIL_RENEWAL_SECONDS = 18.5 * HOUR
const TICKET_SECONDS = 600

/** Who is active in every lab, unless a test has just changed it. */
const [HOME, OTHER] = ['nn1', 'nn2'] as const

async function isActive(lab: Lab, which: NameNode): Promise<boolean> {
  return (await asAdmin(lab, 'hdfs.tools.DFSHAAdmin', ['-getServiceState', which])).trim() === 'active'
}

/** Resolves when it takes commands. */
async function startAgain(lab: Lab, which: NameNode): Promise<void> {
  await lab.start(which)
  await until(`${which} to take commands`, () => connects(`${which}.lab`, 8020))
}

/** Both NameNodes run, and the first is active, however a test ended. */
export async function restoreNameNodes(): Promise<void> {
  const lab = attach()
  if (lab === undefined) throw new Error('these tests run inside the lab')
  const { daemons } = await lab.status()
  for (const { name, pid } of daemons)
    if ((name === HOME || name === OTHER) && pid === undefined) await startAgain(lab, name)
  if (await isActive(lab, HOME)) return
  if (await isActive(lab, OTHER)) await failOver(lab, OTHER, HOME)
  else await forceActive(lab, HOME)
}

/** Longer than one operation looks for an active NameNode, so that the job is told. */
const untilTold = ({ load }: Stage) => until('the job to be told', () => load.failed > 0)

export const HDFS_FAULTS = {
  'namenode-restarted': {
    stage: { ticketSeconds: TICKET_SECONDS },
    requests: 1,
    async breaks(stage) {
      // Stopped, so that it does not find out in between.
      signalAll(stage, 'SIGSTOP')
      await forgetTokens(stage)
      await stage.world.lab.stop(HOME, 'SIGKILL')
      signalAll(stage, 'SIGCONT')
      await untilTold(stage)
    },
    async mends(stage) {
      const { lab } = stage.world
      await Promise.all([
        stage.nextLogged((line) => line.includes('delegation token received')),
        forceActive(lab, OTHER),
      ])
      await startAgain(lab, HOME)
    },
  },
  'failover-at-renewal': {
    stage: { ticketSeconds: TICKET_SECONDS, ownClock: true },
    requests: 1,
    async breaks(stage) {
      await makeStandby(stage.world.lab, HOME)
      stage.clock.sleep(UNTIL_RENEWAL_SECONDS)
      await untilTold(stage)
    },
    async mends(stage) {
      await Promise.all([
        stage.nextLogged((line) => line.includes('delegation token renewed')),
        forceActive(stage.world.lab, OTHER),
      ])
    },
  },
} as const satisfies Record<string, Scenario>
