/** Makes a store with a containerd that lives as long as this process: `node fill-store.ts CACHE STORE`, in a mount and PID namespace of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { archive, layerOf } from '../../../deploy/image/archive.ts'
import { containerdConfig, SOCKET } from '../containerd-config.ts'
import { BASE } from './names.ts'
import type { Recipe } from './recipe.ts'
import { storeRecipes } from './store.ts'

const READY_MS = 20_000
const [cache = '', store = ''] = process.argv.slice(2)

mkdirSync(store)
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
const config = '/run/containerd.toml'
writeFileSync(config, containerdConfig({ root: join(store, 'root') }))
const containerd = spawn('containerd', ['--config', config], { stdio: ['ignore', 'ignore', openSync('/run/log', 'w')] })
const ended = new Promise<void>((resolve) => containerd.once('exit', () => resolve()))
await answer()
for (const recipe of storeRecipes({ cache })) await importImage(recipe)
// Only a containerd that ended in order has its tables on disk.
containerd.kill('SIGTERM')
await ended

async function answer(): Promise<void> {
  for (const deadline = performance.now() + READY_MS; ; await wait(50)) {
    try {
      execFileSync('ctr', ['--address', SOCKET, 'version'], { stdio: 'ignore' })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}

async function importImage({ entries, ...image }: Recipe): Promise<void> {
  const layer = layerOf(entries)
  if (image.name === BASE) writeFileSync(join(store, 'base.json'), JSON.stringify(layer))
  const ctr = spawn('ctr', ['--address', SOCKET, '--namespace', 'k8s.io', 'images', 'import', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const code = new Promise<number | null>((resolve) => ctr.once('exit', resolve))
  for (const piece of archive({ ...image, layers: [layer] })) {
    if (!ctr.stdin.write(piece)) await new Promise((resolve) => ctr.stdin.once('drain', resolve))
  }
  ctr.stdin.end()
  if ((await code) !== 0) throw new Error(`containerd did not take ${image.name}`)
}
