/**
 * The gateway in a process of its own, as a sidecar has it, as the parent says: whose slice, and the superuser's delegation
 * token, so that nothing else stands between a request and HDFS. `weaken.ts` may be loaded before it.
 */

import type { Counters } from '../../sidecar/gateway/counters.ts'
import { startGateway } from '../../sidecar/gateway/gateway.ts'
import type { AuditRecord, Entry } from '../../src/core/audit/record.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { ChangingSlice, WHO } from '../sidecar/gateway/story.ts'
import { Sweep } from '../sweep/sweep.ts'

export type ToGateway =
  | { readonly say: 'start'; readonly slice: Slice; readonly delegationToken: string; readonly caPem: string }
  | { readonly say: 'slice'; readonly slice: Slice }
  | { readonly say: 'report' }
  | { readonly say: 'stop' }
export type FromGateway =
  | { readonly said: 'started'; readonly port: number }
  | { readonly said: 'slice' }
  | {
      readonly said: 'report'
      readonly counters: Counters
      readonly memory: NodeJS.MemoryUsage
      readonly leaks: string[]
    }

const answer = (message: FromGateway) => process.send?.(message)
const slice = new ChangingSlice(undefined)
const leaks: string[] = []
let sweep = new Sweep()
let sequence = 0

/** Records are counted and searched, and not kept: a long run writes millions. */
const audit = {
  write(entry: Entry): Promise<AuditRecord> {
    search('a record', JSON.stringify(entry))
    sequence += 1
    return Promise.resolve({ ...entry, sequence } as AuditRecord)
  },
}

function search(where: string, text: string): void {
  for (const { secret, form } of sweep.find(text)) leaks.push(`${secret} ${form} in ${where}`)
}

process.on('message', async (message: ToGateway) => {
  if (message.say === 'start') {
    slice.set(message.slice)
    sweep = new Sweep({ 'delegation token': message.delegationToken })
    const { caPem, delegationToken } = message
    const gateway = await startGateway({
      port: 0,
      slice,
      tokens: { current: async () => delegationToken, replace: async () => delegationToken },
      audit,
      trust: () => ({ caPem }),
      who: () => WHO,
      clock: Date.now,
      log: { warn: (text, cause) => search('the log', `${text} ${String(cause)}`) },
      limits: { closeMs: 1000 },
    })
    process.on('message', (later: ToGateway) => {
      if (later.say === 'report') {
        answer({ said: 'report', counters: gateway.counters(), memory: process.memoryUsage(), leaks: leaks.splice(0) })
      }
      if (later.say === 'stop') void gateway.close().then(() => process.exit(0))
    })
    answer({ said: 'started', port: gateway.port })
  }
  if (message.say === 'slice') {
    slice.set(message.slice)
    answer({ said: 'slice' })
  }
})
process.once('disconnect', () => process.exit(0))
