/** OPA as a Go library: built once a machine into the lab's cache, then given the workload on its standard input. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../../lab/build/cached.ts'
import { withGo } from '../../lab/build/go.ts'
import { runCommand } from '../../lab/command.ts'
import { labFolder } from '../../lab/folder.ts'
import { printer, progressTo } from '../../lab/progress.ts'
import { type PeerFigures, workload } from '../workload.ts'

const SOURCES = ['main.go', 'policy.rego', 'go.mod', 'go.sum'] as const
/** Over and over again: enough that each prefix of the largest size is asked for. */
const REQUESTS = 20_000

export async function benchOpa(sizes: readonly number[]): Promise<readonly PeerFigures[]> {
  const program = await build()
  const input = sizes.map((datasets) => {
    const { rules, requests } = workload(datasets)
    return JSON.stringify({ rules, requests: requests(0, REQUESTS) })
  })
  const output = await runCommand([program], { input: input.join('\n') })
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PeerFigures)
}

/** Half a minute the first time; another content of its sources is another program. */
function build(): Promise<string> {
  const folder = labFolder('peers')
  const digest = createHash('sha256')
  for (const name of SOURCES) digest.update(readFileSync(join(import.meta.dirname, name)))
  const path = join(folder.cache, `opa-${digest.digest('hex').slice(0, 12)}`, 'opa-bench')
  return cached(path, async (unfinished) => {
    // On standard error, since what this process prints are its figures.
    const progress = progressTo(printer(process.stderr))
    await progress.step('build OPA from its Go modules', () =>
      withGo({ folder, progress }, 'opa', async (runGo) => {
        await runGo(import.meta.dirname, [...BUILD, '-o', unfinished, '.'])
      }),
    )
  })
}

const BUILD = ['build', '-buildvcs=false', '-trimpath', '-ldflags', '-s -w']
