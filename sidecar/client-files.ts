/** Writes the client configuration where the other containers of the pod read it, and again when the cluster changes. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KerbsideError } from '../src/core/errors.ts'
import { clientConfiguration } from '../src/core/hadoop/client-configuration.ts'
import type { Settings } from '../src/core/settings.ts'
import type { CurrentSlice } from './ports.ts'

/**
 * Resolves once the files for the newest slice are there.
 * @param warn told when later ones cannot be written
 * @throws KerbsideError `disk-full`, `io-failed` or `bad-slice`
 */
export async function keepClientFiles(
  { clientDirectory, gatewayPort }: Pick<Settings, 'clientDirectory' | 'gatewayPort'>,
  slices: CurrentSlice,
  warn: (problem: unknown) => void,
): Promise<void> {
  let { nameservice } = slices.get().cluster
  const write = () => writeClientFiles(clientDirectory, clientConfiguration({ nameservice, gatewayPort }))
  await write()
  slices.onChange((slice) => {
    if (slice.cluster.nameservice === nameservice) return
    nameservice = slice.cluster.nameservice
    write().catch(warn)
  })
}

/** Each file is replaced whole, so that a client never reads half of one. Everyone may read them: nothing in them is secret. */
async function writeClientFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    for (const [name, text] of files) {
      const file = join(folder, name)
      await mkdir(dirname(file), { recursive: true, mode: 0o755 })
      await writeFile(`${file}.new`, text, { mode: 0o644 })
      await rename(`${file}.new`, file)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const what = `the client configuration cannot be written to \`${folder}\`: ${code}`
    throw new KerbsideError(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'io-failed', what, { cause })
  }
}
