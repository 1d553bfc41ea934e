/** Makes one NameNode active, as an administrator or a failover controller would. */
import type { Lab } from '../../lab/lab.ts'
import { asAdmin } from './as-admin.ts'
import type { NameNode } from './standing.ts'

export const partnerOf = (one: NameNode): NameNode => (one === 'nn1' ? 'nn2' : 'nn1')

/** Both answer: the one hands over to the other. */
export const failOver = (lab: Lab, from: NameNode, to: NameNode) => admin(lab, '-failover', from, to)

/** Its partner is dead. */
export const forceActive = (lab: Lab, which: NameNode) => admin(lab, '-transitionToActive', '--forceactive', which)

/** One on standby takes reads, and nothing else. */
export const makeObserver = (lab: Lab, which: NameNode) => admin(lab, '-transitionToObserver', which)

export const makeStandby = (lab: Lab, which: NameNode) => admin(lab, '-transitionToStandby', which)

async function admin(lab: Lab, ...args: string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await asAdmin(lab, 'hdfs.tools.DFSHAAdmin', args))
    } catch (failed) {
      // A NameNode that was just started waits for the DataNodes to report their blocks.
      if (!String(failed).includes('not ready to become active') || tries === TRIES) throw failed
    }
  }
}

/** Each takes a second or two. */
const TRIES = 20
