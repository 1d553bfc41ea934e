/** The pages with a login, over TLS on loopback, before a real provider. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { chainWatch } from '../../../src/review/chain-watch.ts'
import { type Journal, openJournal } from '../../../src/review/journal.ts'
import { openLogin } from '../../../src/review/login/login.ts'
import { openQuestions } from '../../../src/review/query/open.ts'
import { type ReviewServer, reviewServer, useCertificate } from '../../../src/review/server.ts'
import { readViews } from '../../../src/review/views-read.ts'
import { freePort } from '../../free-port.ts'
import { CLIENT_ID, CLIENT_SECRET, type Issuer } from './real-provider.ts'

export type Served = {
  readonly url: string
  readonly folder: string
  readonly audit: string
  readonly journalFolder: string
  readonly journal: Journal
  readonly server: ReviewServer
  /** What the program logged. */
  readonly logged: string[]
  close(): Promise<void>
}

export type ServedOptions = {
  readonly tls: Issuer
  /** Of the provider. */
  readonly issuer: (page: string) => Promise<string>
  readonly settings: Readonly<Record<string, unknown>>
  readonly clock: () => number
  /** Writes the records that are there at the beginning. */
  readonly fill?: (audit: string) => void
}

export async function served({ tls, issuer, settings, clock, fill }: ServedOptions): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-login-'))
  const [audit, journalFolder] = [join(folder, 'audit'), join(folder, 'journal')]
  // The page is told its own address, which it has only when something listens there.
  const port = await freePort()
  const url = `https://localhost:${port}`
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const login = await openLogin(
    file(
      'login.yaml',
      stringify({
        issuer: await issuer(url),
        clientId: CLIENT_ID,
        clientSecretFile: file('secret', `${CLIENT_SECRET}\n`),
        authoritiesFile: file('ca.pem', tls.caPem),
        url,
        ...settings,
      }),
    ),
    clock,
  )
  const logged: string[] = []
  const log = pino({ name: 'review' }, { write: (line: string) => void logged.push(line) })
  const journal = await openJournal(journalFolder, clock)
  for (const made of [audit, join(folder, 'cache')]) mkdirSync(made)
  await fill?.(audit)
  const asking = await openQuestions({ directory: audit, cache: join(folder, 'cache'), clock })
  await asking.look()
  const { questions } = asking
  const chains = chainWatch(questions, clock)
  const views = readViews(journalFolder)
  const server = reviewServer({ questions, chains, views, log, names: [], login, journal, isTls: true, clock })
  useCertificate(server, tls)
  await server.listen({ host: '127.0.0.1', port })
  return {
    ...{ url, folder, audit, journalFolder, journal, server, logged },
    async close() {
      await server.close()
      await asking.close()
      await journal.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
