/** `kerbside review`: the audit pages. A parts list. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { KerbsideError } from '../core/errors.ts'
import { readAuditDirectory } from '../io/audit/directory.ts'
import { serveFiles } from '../io/serving/files.ts'
import { chainWatch } from './chain-watch.ts'
import { NO_JOURNAL, openJournal } from './journal.ts'
import { openLogin } from './login/login.ts'
import { readOptions } from './options.ts'
import { openQuestions } from './query/open.ts'
import { reviewServer, useCertificate } from './server.ts'
import { readViews } from './views-read.ts'

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  const { directory, listen, port, tlsFiles } = options
  await readAuditDirectory(directory)
  const log = pino({ name: 'review' })
  const login = options.login === undefined ? undefined : await openLogin(options.login.file, Date.now)
  const journal = options.login === undefined ? NO_JOURNAL : await openJournal(options.login.journal, Date.now)
  const cache = options.cache ?? (await mkdtemp(join(tmpdir(), 'kerbside-review-')))
  const { checkpoints, policy } = options
  const asking = await openQuestions({
    directory,
    cache,
    clock: Date.now,
    ...policy,
    ...(checkpoints && { checkpoints }),
  })
  const server = reviewServer({
    ...{ log, login, journal, isTls: tlsFiles !== undefined, clock: Date.now },
    names: login === undefined ? options.names : [...options.names, new URL(login.url).hostname],
    questions: asking.questions,
    chains: chainWatch(asking.questions, Date.now),
    views: options.login === undefined ? undefined : readViews(options.login.journal),
  })
  const end = async () => {
    await server.close()
    await asking.close()
    await journal.close()
    if (options.cache === undefined) await rm(cache, { recursive: true, force: true })
  }
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
    await end()
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    if (isTaken) throw new KerbsideError('port-taken', `\`${listen}:${port}\` is taken`, { cause, hint: 'give --port' })
    throw new KerbsideError('io-failed', `cannot listen on \`${listen}:${port}\``, { cause })
  }
  log.info({ directory, addresses: server.addresses() }, 'listening')

  const stop = async () => {
    serving?.stop()
    await end()
    log.info('stopped')
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
