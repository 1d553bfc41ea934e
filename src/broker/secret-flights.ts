/**
 * One read of a secret for all who need it at about the same time. In memory only, and wiped when the last of them has it.
 *
 * Pods of one job start within seconds of each other, and each is known to the API server a moment after the one before: a read
 * is shared by all who come while it goes on, or in the seconds after it. Nobody gets more by that than by a read of his own,
 * since each was looked at by itself before he came here. Nor does he get anything old: whoever comes again, as a sidecar does
 * whose key the KDC refused, gets what is read after he came.
 */
import type { Secret, SecretRef, SecretStore } from '../io/secret-store.ts'

/** How long a read is shared once it is done: as long as the pods of one large job take to come. */
const SHARED_MS = 30_000
const READ_WITHIN_MS = 10_000

export type Taken = {
  /** Good until {@link Taken.leave}. */
  readonly secret: Secret
  /** Says that the bytes are not needed any more. */
  leave(): void
}

export type SecretFlights = {
  /**
   * @param taker who gets it: the uid of a pod
   * @throws KerbsideError one of the `secret-…` codes
   */
  take(ref: SecretRef, taker: string): Promise<Taken>
  /** Shares nothing any more; what nobody holds is wiped. */
  close(): void
}

type Flight = {
  readonly read: Promise<Secret>
  readonly takers: Set<string>
  /** Who waits for it or holds it. */
  holders: number
  isOpen: boolean
}

export type FlightOptions = { readonly sharedMs?: number; readonly readWithinMs?: number }

export function secretFlights(store: SecretStore, options: FlightOptions = {}): SecretFlights {
  const { sharedMs = SHARED_MS, readWithinMs = READ_WITHIN_MS } = options
  const flights = new Map<string, Flight>()

  const wipe = async ({ read }: Flight) => (await read.catch(() => undefined))?.bytes.fill(0)
  const leave = (flight: Flight) => {
    flight.holders--
    if (!flight.isOpen && flight.holders === 0) void wipe(flight)
  }
  const end = (key: string, flight: Flight) => {
    if (!flight.isOpen) return
    flight.isOpen = false
    if (flights.get(key) === flight) flights.delete(key)
    if (flight.holders === 0) void wipe(flight)
  }
  const begin = (key: string, ref: SecretRef): Flight => {
    const read = store.fetch(ref, AbortSignal.timeout(readWithinMs))
    const flight: Flight = { read, takers: new Set(), holders: 0, isOpen: true }
    flights.set(key, flight)
    // A failure is told to those who wait for it, and to nobody who comes later.
    read.then(
      () => setTimeout(() => end(key, flight), sharedMs).unref(),
      () => end(key, flight),
    )
    return flight
  }

  return {
    async take(ref, taker) {
      const key = JSON.stringify([ref.path, ref.key])
      let flight = flights.get(key)
      if (flight?.takers.has(taker) === true) {
        end(key, flight)
        flight = undefined
      }
      flight ??= begin(key, ref)
      flight.takers.add(taker)
      flight.holders++
      const held = flight
      let isHeld = true
      const once = () => {
        if (isHeld) leave(held)
        isHeld = false
      }
      try {
        return { secret: await held.read, leave: once }
      } catch (thrown) {
        once()
        throw thrown
      }
    },
    close() {
      for (const [key, flight] of flights) end(key, flight)
    },
  }
}
