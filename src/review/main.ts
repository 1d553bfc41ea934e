/** `kerbside review`: the audit page over a local directory. */
import { pino } from 'pino'
import { KerbsideError } from '../core/errors.ts'
import { readAuditDirectory } from '../io/audit/directory.ts'
import { chainWatch } from './chain-watch.ts'
import { readOptions } from './options.ts'
import { reviewServer } from './server.ts'

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  const { directory, listen, port, names } = options
  await readAuditDirectory(directory)
  const log = pino({ name: 'review' })
  const server = reviewServer({ directory, chains: chainWatch(directory, Date.now), log, names })
  try {
    await server.listen({ host: listen, port })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    if (isTaken) throw new KerbsideError('port-taken', `\`${listen}:${port}\` is taken`, { cause, hint: 'give --port' })
    throw new KerbsideError('io-failed', `cannot listen on \`${listen}:${port}\``, { cause })
  }
  log.info({ directory, addresses: server.addresses() }, 'listening')

  const stop = async () => {
    await server.close()
    log.info('stopped')
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
