/** A gateway alone in a process: started by `apart.ts`, which sends the slice, and is sent port and audit. Inside the lab only. */
import { once } from 'node:events'
import type { Limits } from '../../../sidecar/gateway/limits.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { standHere } from './standing.ts'

export type Told = { readonly slice: Slice; readonly limits: Partial<Limits> }
/** What this process says: where it listens, then all audit lines, each time that it is asked. */
export type Said = { readonly port: number } | { readonly lines: readonly string[] }

const say = (said: Said) => process.send?.(said)
const [{ slice, limits }] = (await once(process, 'message')) as [Told]
const standing = await standHere(slice, limits)
process.on('message', () => say({ lines: standing.audit.lines }))
process.once('disconnect', () => void standing.stop().then(() => process.exit(0)))
say({ port: standing.gateway.port })
