/** A gateway in a process of its own, as a sidecar has it, so that it does not share a processor's time with its client. */
import { standHere } from '../e2e/gateway/standing.ts'

const standing = await standHere()
process.send?.({ port: standing.gateway.port })
process.once('disconnect', () => void standing.stop().then(() => process.exit(0)))
