/** Packages from PyPI by ordinary pip, pinned in `pypi/NAME.txt` by version and sha256, which pip checks. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 16 << 20

export type PypiSet =
  | 'openbao'
  | 'moto'
  | 'go'
  | 'clients'
  | 'python-clients'
  | 'spark-4'
  | 'spark-3'
  | 'suites'
  | 'otlp'

/** The folder that holds the unpacked packages of a set, downloaded on the first call. */
export async function fromPypi(folder: LabFolder, progress: Progress, set: PypiSet): Promise<string> {
  return cached(pypiFolder(folder, set), async (unfinished) => {
    const python = await pythonWithPip(folder, progress)
    const options = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', '--disable-pip-version-check']
    const install = ['-m', 'pip', 'install', ...options, '--root-user-action=ignore', '--target', unfinished]
    await progress.step(`${set} from PyPI`, () =>
      run(python, [...install, '-r', requirements(set)], { maxBuffer: MAX_OUTPUT_BYTES }),
    )
  })
}

/** Where {@link fromPypi} puts a set: another content of its list is another folder. */
export function pypiFolder(folder: Pick<LabFolder, 'cache'>, set: PypiSet): string {
  const digest = createHash('sha256')
    .update(readFileSync(requirements(set)))
    .digest('hex')
  return join(folder.cache, `pypi-${set}-${digest.slice(0, 12)}`)
}

const requirements = (set: PypiSet): string => join(import.meta.dirname, 'pypi', `${set}.txt`)

export async function pythonWithPip(folder: LabFolder, progress: Progress): Promise<string> {
  const works = await run('python3', ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  )
  if (works) return 'python3'
  await debianPackages(folder, progress, { '/usr/bin/python3': 'python3', '/usr/bin/pip3': 'python3-pip' })
  return '/usr/bin/python3'
}
