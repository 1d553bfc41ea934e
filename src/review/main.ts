/** `kerbside review`: the audit pages. A parts list. */
import { pino } from 'pino'
import { KerbsideError } from '../core/errors.ts'
import { readAuditDirectory } from '../io/audit/directory.ts'
import { serveFiles } from '../io/serving/files.ts'
import { chainWatch } from './chain-watch.ts'
import { NO_JOURNAL, openJournal } from './journal.ts'
import { openLogin } from './login/login.ts'
import { readOptions } from './options.ts'
import { reviewServer, useCertificate } from './server.ts'

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  const { directory, listen, port, tlsFiles } = options
  await readAuditDirectory(directory)
  const log = pino({ name: 'review' })
  const login = options.login === undefined ? undefined : await openLogin(options.login.file, Date.now)
  const journal = options.login === undefined ? NO_JOURNAL : await openJournal(options.login.journal, Date.now)
  const names = login === undefined ? options.names : [...options.names, new URL(login.url).hostname]
  const chains = chainWatch(directory, Date.now)
  const server = reviewServer({ directory, chains, log, names, login, journal, isTls: tlsFiles !== undefined })
  const serving =
    tlsFiles === undefined
      ? undefined
      : await serveFiles(tlsFiles, {
          use: (certificate) => useCertificate(server, certificate),
          onProblem: (problem, hint) => log.error({ hint }, problem),
        })
  try {
    await server.listen({ host: listen, port })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    if (isTaken) throw new KerbsideError('port-taken', `\`${listen}:${port}\` is taken`, { cause, hint: 'give --port' })
    throw new KerbsideError('io-failed', `cannot listen on \`${listen}:${port}\``, { cause })
  }
  log.info({ directory, addresses: server.addresses() }, 'listening')

  const stop = async () => {
    serving?.stop()
    await server.close()
    await journal.close()
    log.info('stopped')
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
