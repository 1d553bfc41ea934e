/** Tests that clients bring for themselves, fetched as whoever works on those clients gets them. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { pythonWithPip } from './pypi.ts'

const run = promisify(execFile)

/** Of the version that `pypi/python-clients.txt` has. */
const HDFSCLI = 'hdfs==2.7.3 --hash=sha256:752a21e43f82197dce43697c73f454ba490838108c73a57a9247efb66d1c0479'

/** The folder `test` of HdfsCLI's source distribution. */
export function hdfscliTests(folder: LabFolder, progress: Progress): Promise<string> {
  return cached(hdfscliTestsFolder(folder), async (unfinished) => {
    const python = await pythonWithPip(folder, progress)
    mkdirSync(unfinished)
    const wanted = join(unfinished, 'wanted.txt')
    writeFileSync(wanted, `${HDFSCLI}\n`)
    const options = ['--quiet', '--no-deps', '--require-hashes', '--no-binary=:all:', '--disable-pip-version-check']
    await progress.step('tests of HdfsCLI from PyPI', async () => {
      await run(python, ['-m', 'pip', 'download', ...options, '--dest', unfinished, '-r', wanted])
      const source = readdirSync(unfinished).find((name) => name.endsWith('.tar.gz')) ?? ''
      const into = ['--strip-components=2', '--no-same-owner', '-C', unfinished]
      await run('tar', ['xzf', join(unfinished, source), ...into, '--wildcards', '*/test/*'])
    })
  })
}

export const hdfscliTestsFolder = ({ cache }: Pick<LabFolder, 'cache'>): string =>
  join(cache, `hdfscli-tests-${HDFSCLI.split(':')[1]?.slice(0, 12)}`)
