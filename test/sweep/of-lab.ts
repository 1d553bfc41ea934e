/** Around all tests of a lab, by vitest: what its pods tell is searched for credentials when they have ended. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { attach } from '../lab/lab.ts'
import { PodWatch } from './pods.ts'

export function setup(): (() => Promise<void>) | undefined {
  const lab = attach()
  if (lab === undefined || !existsSync(join(lab.folder.path, 'kubelet'))) return undefined
  const watch = new PodWatch(lab.folder)
  return async () => {
    const { found, searched, secrets, sidecars } = await watch.end()
    const what = `${searched.logs} logs, ${searched.files} files and ${searched.objects} objects of pods`
    console.log(`searched ${what} for ${secrets} credentials of ${sidecars} sidecars, and for every keytab`)
    if (found.length > 0) throw new Error(`a credential left a sidecar:\n${found.join('\n')}`)
    if (sidecars > 0 && secrets === 0) throw new Error(`${sidecars} sidecars ran, and no credential of theirs was seen`)
  }
}
