/** Room for batches in memory: taken before a byte of one is read and given back when it is answered, so that memory has a bound whoever sends what. */

export type RoomLimits = {
  /** Bytes of all batches together, as they come: what is made of them is a few times as much. */
  readonly bytes: number
  /** Batches of one pod: a sidecar sends one after the other, and a second when its first connection was lost. */
  readonly ofOnePod: number
}

export type Room = {
  /** Gives what gives the room back, as often as it is called; nothing when there is no room now. */
  take(podUid: string, bytes: number): (() => void) | undefined
}

export const LIMITS: RoomLimits = { bytes: 64 << 20, ofOnePod: 2 }

export function batchRoom({ bytes: most, ofOnePod }: RoomLimits = LIMITS): Room {
  let taken = 0
  const batches = new Map<string, number>()
  return {
    take(podUid, bytes) {
      const others = batches.get(podUid) ?? 0
      if (others >= ofOnePod || taken + bytes > most) return undefined
      taken += bytes
      batches.set(podUid, others + 1)
      let isGiven = false
      return () => {
        if (isGiven) return
        isGiven = true
        taken -= bytes
        const left = (batches.get(podUid) ?? 1) - 1
        if (left > 0) batches.set(podUid, left)
        else batches.delete(podUid)
      }
    },
  }
}
