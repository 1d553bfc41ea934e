/**
 * Open streams of slices: each gets its slice at once, again whenever it changes, and an end when it may have none any more.
 * Where a new bundle changes nothing in it, its hash is enough.
 */
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { KerbsideError } from '../core/errors.ts'
import type { Bundle, Grant } from '../core/policy/bundle.ts'
import { compile, conditionalGrants } from '../core/policy/compile.ts'
import { pertains } from '../core/policy/decision/pod-condition.ts'
import { writeRenewal } from '../core/policy/renewal.ts'
import { writeRevocation } from '../core/policy/revocation.ts'
import type { Slice } from '../core/policy/slice.ts'
import { writeSlice } from '../core/policy/slice-line.ts'
import { isAllowed } from './allowed.ts'
import type { Caller, Refusal } from './caller.ts'
import { refuse } from './caller.ts'

/** An empty line this often tells the sidecar that we are still there. */
const HEARTBEAT_MS = 15_000
/** A reader that leaves this much unread is gone or stuck: it is cut off, and comes back for what it missed. */
const LARGEST_BACKLOG_BYTES = 4 * 1024 * 1024
/** setTimeout takes 31 bits; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export type SliceStreams = {
  /**
   * Begins a stream with the slice of the caller, or says why there is none for it under the bundle in force.
   * @throws KerbsideError `not-ready` when none is in force yet
   */
  open(caller: Caller, begin: () => Writable): Refusal | undefined
  /** Puts a bundle in force, for all open streams before it returns. */
  update(bundle: Bundle): void
  count(): number
  /** Ends all streams; sidecars keep their slices and come back. */
  end(): void
}

export type StreamEvents = {
  /** A slice was written, or that it stands. */
  readonly sent: () => void
  /** A stream was ended because policy no longer allows it. */
  readonly revoked: (caller: Caller) => void
}

type Stream = {
  readonly caller: Caller
  readonly out: Writable
  readonly close: () => void
  /** Of what was written last. */
  content: string
}

/** `content` is the hash of all that it says, the bundle's own hash apart. */
type Line = { readonly text: string; readonly content: string }

export function sliceStreams(clock: () => number, { sent, revoked }: StreamEvents): SliceStreams {
  const streams = new Set<Stream>()
  let inForce: Bundle | undefined
  /** By identity and by what its grants ask of pods, for the bundle in force: a thousand pods alike share one line. */
  let lines = new Map<string, Line | undefined>()
  let conditions = new Map<string, readonly Grant[]>()

  const lineFor = (caller: Caller): Line | undefined => {
    if (inForce === undefined || !isAllowed(caller, inForce)) return undefined
    const pod = { namespace: caller.namespace, ...(caller.podLabels === undefined ? {} : { labels: caller.podLabels }) }
    const conditional = conditions.get(caller.identity) ?? conditionalGrants(inForce, caller.identity)
    conditions.set(caller.identity, conditional)
    const key = [caller.identity, ...conditional.filter((grant) => pertains(grant, pod)).map(({ name }) => name)].join()
    if (!lines.has(key)) {
      const slice = compile(inForce, caller.identity, pod)
      lines.set(key, slice === undefined ? undefined : lineOf(slice))
    }
    return lines.get(key)
  }

  const write = ({ out }: Stream, line: string): void => {
    out.write(`${line}\n`)
    if (out.writableLength > LARGEST_BACKLOG_BYTES) out.destroy()
  }

  const heartbeat = setInterval(() => {
    for (const stream of streams) write(stream, '')
  }, HEARTBEAT_MS).unref()

  return {
    open(caller, begin) {
      if (inForce === undefined) throw new KerbsideError('not-ready', 'no policy is loaded')
      const line = lineFor(caller)
      if (line === undefined) return refuse('pod-refused', 'policy has no slice for it')
      const out = begin()
      if (out.destroyed) return undefined
      const expiry = setTimeout(() => stream.close(), Math.min(caller.expiresAt - clock(), LONGEST_TIMEOUT_MS)).unref()
      const forget = () => {
        clearTimeout(expiry)
        streams.delete(stream)
      }
      const close = () => {
        forget()
        out.end()
      }
      const stream: Stream = { caller, out, close, content: line.content }
      out.on('close', forget)
      out.on('error', forget)
      streams.add(stream)
      write(stream, line.text)
      sent()
      return undefined
    },
    update(bundle) {
      inForce = bundle
      lines = new Map()
      conditions = new Map()
      for (const stream of [...streams]) {
        const line = lineFor(stream.caller)
        if (line === undefined) {
          write(stream, writeRevocation('pod-refused'))
          stream.close()
          revoked(stream.caller)
          continue
        }
        write(stream, line.content === stream.content ? writeRenewal(bundle.hash) : line.text)
        stream.content = line.content
        sent()
      }
    },
    count: () => streams.size,
    end() {
      clearInterval(heartbeat)
      for (const stream of [...streams]) stream.close()
    },
  }
}

function lineOf(slice: Slice): Line {
  const content = createHash('sha256')
    .update(writeSlice({ ...slice, bundle: '' }))
    .digest('base64')
  return { text: writeSlice(slice), content }
}
