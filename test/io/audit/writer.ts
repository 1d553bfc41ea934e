/** A sidecar's log as a process of its own, to be killed: prints the number of each record once it is told to be on disk. */
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { WHO } from './entries.ts'

const [directory = '', sidecar = ''] = process.argv.slice(2)
const log = await openAuditLog({ directory, sidecar, who: WHO, clock: Date.now, maxBytes: 1e9 })
for (;;) {
  const entries = Array.from({ length: 20 }, () =>
    log.write({ kind: 'policy', who: WHO, bundle: 'sha256:1', detail: 'x' }),
  )
  for (const record of await Promise.all(entries)) process.stdout.write(`${record.sequence}\n`)
}
