/** The sidecar's own log: one line of JSON each, on stdout. It takes words and numbers only, so that no object is logged by accident. */
import type { Settings } from '../src/core/settings.ts'

export type LogFields = Readonly<Record<string, string | number | boolean>>

type Level = Settings['logLevel']
type Write = (message: string, fields?: LogFields) => void

export type Log = { readonly [L in Level]: Write }

const RANKS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 }

/** Of whatever was thrown only its code or class: a message may quote a URL, and a URL may hold a token. */
export function causeFields(cause: unknown): LogFields {
  if (!(cause instanceof Error)) return {}
  const { code } = cause as NodeJS.ErrnoException
  return { cause: typeof code === 'string' ? code : cause.name }
}

export type LogOptions = {
  readonly level: Level
  /** Takes one line, without the line feed. */
  readonly out: (line: string) => void
  readonly clock: () => number
}

export function makeLog({ level, out, clock }: LogOptions): Log {
  const at = (own: Level): Write => {
    if (RANKS[own] > RANKS[level]) return () => undefined
    return (message, fields) => {
      out(JSON.stringify({ time: new Date(clock()).toISOString(), level: own, message, ...fields }))
    }
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}
