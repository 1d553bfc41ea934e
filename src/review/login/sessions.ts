/**
 * Who is signed in. The cookie holds a number that cannot be guessed and says nothing; what it stands for is kept here, so that a
 * session ends when it is ended, not when its cookie would. A restart ends all of them: the provider lets readers in again.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Reader } from './reader.ts'

export type Sessions = {
  /** A new session, and the value of its cookie: never one that was there before. */
  begin(reader: Reader): string
  find(value: string | undefined): Reader | undefined
  end(value: string | undefined): void
}

type Session = { readonly reader: Reader; readonly endsAt: number }

/** Beyond it the oldest end: only those who signed in have one. */
const MOST_SESSIONS = 10_000

/** @param clock milliseconds since the epoch */
export function openSessions(minutes: number, clock: () => number): Sessions {
  /** By hash, so that how long a look takes says nothing about a value; oldest first. */
  const sessions = new Map<string, Session>()
  const live = (key: string): Session | undefined => {
    const session = sessions.get(key)
    if (session === undefined || clock() < session.endsAt) return session
    sessions.delete(key)
    return undefined
  }
  return {
    begin(reader) {
      const value = randomBytes(32).toString('base64url')
      for (const key of sessions.keys()) {
        if (live(key) !== undefined && sessions.size < MOST_SESSIONS) break
        sessions.delete(key)
      }
      sessions.set(hashOf(value), { reader, endsAt: clock() + minutes * 60_000 })
      return value
    },
    find: (value) => (value === undefined ? undefined : live(hashOf(value))?.reader),
    end(value) {
      if (value !== undefined) sessions.delete(hashOf(value))
    },
  }
}

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
