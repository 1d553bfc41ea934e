/** Which KDC is asked: each is tried by TCP before a login, and one that takes the connection and says nothing costs seconds. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasAnother, type KdcStatus, kdcOrder, silenced } from '../../src/core/kerberos/kdc-order.ts'

const CONNECT_WITHIN_MS = 1500
/** Several times what an exchange takes on a slow network; while another KDC is left, no more is spent on one. */
const SILENT_AFTER_MS = 4000
const LAST_WITHIN_MS = 12_000

/** Whether each takes a connection now; all of them at once. */
export function probeKdcs(kdcs: readonly string[]): Promise<readonly KdcStatus[]> {
  return Promise.all(kdcs.map(async (kdc) => ({ kdc, isUp: await connects(kdc) })))
}

async function connects(kdc: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${kdc}`)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
  const answer = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  const over = new AbortController()
  const late = sleep(CONNECT_WITHIN_MS, false, { signal: over.signal }).catch(() => false)
  const isUp = await Promise.race([answer, late])
  over.abort()
  socket.destroy()
  return isUp
}

export type Attempt<T> = {
  /** Tries with the KDCs in the order that was told last, until the signal aborts. */
  readonly work: (bound: AbortSignal) => Promise<T>
  readonly signal: AbortSignal
  /** Told when more is known of the KDCs. */
  readonly onStatus: (statuses: readonly KdcStatus[]) => void
}

/** Puts whoever was silent behind the others, until one answers or none is left. Rejects with what the last try did. */
export async function askInTurn<T>(statuses: readonly KdcStatus[], { work, signal, onStatus }: Attempt<T>): Promise<T> {
  let known = statuses
  for (;;) {
    const next = silenced(known, kdcOrder(known)[0])
    const deadline = AbortSignal.timeout(hasAnother(next) ? SILENT_AFTER_MS : LAST_WITHIN_MS)
    try {
      return await work(AbortSignal.any([signal, deadline]))
    } catch (error) {
      if (!deadline.aborted || signal.aborted) throw error
      known = next
      onStatus(known)
      if (!hasAnother(known)) throw error
    }
  }
}
