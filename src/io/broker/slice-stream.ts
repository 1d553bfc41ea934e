/** The lines of one connection to the broker: newline-delimited JSON that never ends by itself. */
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { StringDecoder } from 'node:string_decoder'
import type { Owner } from '../../core/audit/record.ts'
import { KerbsideError } from '../../core/errors.ts'
import { OWNER_HEADER, readOwner } from '../../core/identity/owner-of.ts'
import { SLICE_FORMAT, SLICE_FORMAT_HEADER } from '../../core/policy/slice-format.ts'
import { isUntrusted, whyFailed } from '../https-request.ts'
import { refusalText } from './broker-refusal.ts'

export type SliceStream = {
  readonly url: string
  /** CAs of the broker, PEM. */
  readonly ca: string
  /** Service-account token of the reserved audience. */
  readonly token: string
  readonly silenceMs: number
  readonly signal: AbortSignal
  /** Called with what the broker says made our pod, before the first line. */
  readonly onOwner?: (owner: Owner | undefined) => void
}

/** A slice of 10,000 prefixes is about 2 MiB. */
const LONGEST_LINE = 32 << 20
const LONGEST_REFUSAL = 16 << 10

/**
 * @throws KerbsideError `broker-refused` for a 403, `broker-unreachable` for everything else that ends a connection
 */
export async function* streamLines(stream: SliceStream): AsyncGenerator<string> {
  const incoming = await answerOf(stream)
  if (incoming.statusCode !== 200) throw await refusal(incoming)
  stream.onOwner?.(readOwner(incoming.headers[OWNER_HEADER]))
  const decoder = new StringDecoder('utf8')
  let pending = ''
  try {
    for await (const chunk of incoming) {
      pending += decoder.write(chunk as Buffer)
      if (pending.length > LONGEST_LINE) throw new KerbsideError('bad-slice', 'the broker sends a line without an end')
      const lines = pending.split('\n')
      pending = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    throw error instanceof KerbsideError ? error : unreachable(error)
  } finally {
    incoming.destroy()
  }
}

function answerOf({ url, ca, token, silenceMs, signal }: SliceStream): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/x-ndjson',
      [SLICE_FORMAT_HEADER]: String(SLICE_FORMAT),
    }
    const outgoing = request(url, { ca, headers, signal, agent: false, timeout: silenceMs }, (incoming) => {
      silenced = incoming
      resolve(incoming)
    })
    let silenced: { destroy(error: Error): void } = outgoing
    outgoing.on('timeout', () =>
      silenced.destroy(new KerbsideError('broker-unreachable', 'the broker has gone silent')),
    )
    outgoing.on('error', (error) => reject(error instanceof KerbsideError ? error : unreachable(error)))
    outgoing.end()
  })
}

function unreachable(error: unknown): KerbsideError {
  const hint = isUntrusted(error) ? { hint: 'KERBSIDE_CA must hold the CA that signed its certificate' } : {}
  return new KerbsideError('broker-unreachable', `the broker: ${whyFailed(error)}`, { ...hint, cause: error })
}

/** What a 4xx says. */
async function refusal(incoming: IncomingMessage): Promise<KerbsideError> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) {
    body += String(chunk)
    if (body.length > LONGEST_REFUSAL) break
  }
  const why = refusalText(incoming.statusCode, body)
  const code = incoming.statusCode === 403 ? 'broker-refused' : 'broker-unreachable'
  return new KerbsideError(code, `the broker does not serve this pod (${why})`)
}
