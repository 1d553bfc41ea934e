/** The body of a request, whole, in bytes: what is not UTF-8 must not be mended on the way. */
import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refusals.ts'

const JSON_TYPE = /^application\/json\s*(;|$)/i

/** Never rejects. Of a body that is too large no more is kept than the limit. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Uint8Array | Refusal> {
  const { 'content-type': type, 'content-length': length = '0' } = request.headers
  if (type !== undefined && !JSON_TYPE.test(type)) return Promise.resolve({ refused: 'other-media-type' })
  if (Number(length) > mostBytes) return Promise.resolve({ refused: 'too-large' })
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = []
    let bytes = 0
    request.on('data', (piece: Uint8Array) => {
      bytes += piece.length
      if (bytes <= mostBytes) pieces.push(piece)
      else {
        request.pause()
        resolve({ refused: 'too-large' })
      }
    })
    request.on('end', () => resolve(one(pieces)))
    request.on('error', () => resolve({ refused: 'cut-off' }))
  })
}

/** Most reviews come in one piece, which needs no copy. */
const one = (pieces: readonly Uint8Array[]): Uint8Array => {
  const [first, ...more] = pieces
  return first === undefined || more.length > 0 ? Buffer.concat(pieces) : first
}
