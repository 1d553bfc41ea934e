/** Makes one NameNode active, as an administrator or a failover controller would. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { java } from '../../lab/java.ts'
import type { Lab } from '../../lab/lab.ts'
import type { NameNode } from './standing.ts'

const run = promisify(execFile)

export const partnerOf = (one: NameNode): NameNode => (one === 'nn1' ? 'nn2' : 'nn1')

/** Both answer: the one hands over to the other. */
export const failOver = (lab: Lab, from: NameNode, to: NameNode) => admin(lab, '-failover', from, to)

/** Its partner is dead. */
export const forceActive = (lab: Lab, which: NameNode) => admin(lab, '-transitionToActive', '--forceactive', which)

async function admin({ folder, files }: Lab, ...args: string[]): Promise<void> {
  const [file, ...words] = java(folder, {
    name: 'haadmin',
    main: 'org.apache.hadoop.hdfs.tools.DFSHAAdmin',
    args,
    conf: [files.hadoopConf],
  })
  const env = { ...process.env, KRB5CCNAME: join(folder.path, 'hdfs', 'admin.ccache') }
  for (let tries = 1; ; tries++) {
    try {
      return void (await run(file, words, { env }))
    } catch (failed) {
      const { stderr } = failed as { stderr: string }
      // A NameNode that was just started waits for the DataNodes to report their blocks.
      if (!stderr.includes('not ready to become active') || tries === TRIES) throw new Error(stderr)
    }
  }
}

/** Each takes a second or two. */
const TRIES = 20
