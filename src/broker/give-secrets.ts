/** Writes secrets to a sidecar without a copy of them, and gives them back as soon as they are on their way. */
import type { ServerResponse } from 'node:http'
import { writeSecretsHead } from '../core/identity/secrets-answer.ts'
import type { HandOut } from './secret-desk.ts'

/** Who reads slower than this holds a keytab in our memory. */
const SENT_WITHIN_MS = 10_000

/** Whoever calls has taken the response over from the server. */
export function giveSecrets(response: ServerResponse, { handed, leave }: HandOut): void {
  const head = Buffer.from(writeSecretsHead(handed), 'latin1')
  const bytes = handed.flatMap((one) => ('bytes' in one ? [one.bytes] : []))
  const late = setTimeout(() => {
    response.destroy()
    leave()
  }, SENT_WITHIN_MS).unref()
  response.on('close', () => {
    clearTimeout(late)
    leave()
  })
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.reduce((sum, { length }) => sum + length, head.length),
    'cache-control': 'no-store',
  })
  response.write(head)
  for (const part of bytes) response.write(part)
  response.end()
}
