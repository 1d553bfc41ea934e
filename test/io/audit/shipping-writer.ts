/** A sidecar's log and its delivery as a process of its own, to be killed: prints the number up to which all is acknowledged. */
import { readFileSync } from 'node:fs'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { Shipper } from '../../../src/io/audit/shipper.ts'
import { WHO } from './entries.ts'

const [directory = '', sidecar = '', url = '', caFile = '', tokenFile = ''] = process.argv.slice(2)
const audit = await openAuditLog({ directory, sidecar, who: WHO, clock: Date.now, maxBytes: 1e8 })
const limits = { gatherMs: 20, withinMs: 5000, retry: { firstMs: 20, longestMs: 200 } }
const silent = { warn() {}, info() {} }
const ca = readFileSync(caFile, 'utf8')
const spool = { audit, directory, sidecar, now: Date.now }
const shipper = new Shipper({ ...spool, url, ca, tokenFile, log: silent, chance: Math.random, limits })
let isEnding = false
process.on('SIGTERM', () => {
  isEnding = true
})
let told = -1
while (!isEnding) {
  await audit.write({ kind: 'policy', who: WHO, bundle: 'sha256:1', detail: 'x' })
  const { acknowledged } = shipper.status()
  if (acknowledged !== told) process.stdout.write(`${acknowledged}\n`)
  told = acknowledged
  await new Promise((resolve) => setTimeout(resolve, 2))
}
await audit.close()
await shipper.close()
process.stdout.write(`${shipper.status().acknowledged}\n`)
process.exit(0)
