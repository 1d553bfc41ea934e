/** A module of the KDC that makes tickets large: `large-tickets.c`, compiled against Debian's libkrb5. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

const SOURCE = join(import.meta.dirname, 'large-tickets.c')

export async function buildLargeTickets(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(largeTicketsModule(folder), async (unfinished) => {
    await debianPackages(folder, progress, { gcc: 'gcc', '/usr/include/krb5/krb5.h': 'libkrb5-dev' })
    await runCommand(['gcc', '-shared', '-fPIC', '-O2', '-Wall', '-o', unfinished, SOURCE, '-lkrb5'])
  })
}

/** Where {@link buildLargeTickets} puts it. */
export function largeTicketsModule(folder: Pick<LabFolder, 'cache'>): string {
  const source = createHash('sha256').update(readFileSync(SOURCE))
  return join(folder.cache, `large-tickets-${source.digest('hex').slice(0, 12)}.so`)
}
