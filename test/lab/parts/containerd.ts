/** containerd with runc and CNI plugins, and the images that seldom change. */
import { copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAB_NETWORK, POD_NETWORK, SERVICE_NETWORK } from '../addresses.ts'
import { containerdConfig } from '../containerd-config.ts'
import { debianPackages } from '../debian.ts'
import { LabError } from '../errors.ts'
import { currentStore, makeStore, snapshotterFor } from '../images/store.ts'
import type { Inside, LabFolder, Part } from '../part.ts'

export const containerd: Part = {
  name: 'containerd',
  needs: [],
  async fetch(folder, progress) {
    if (process.getuid?.() !== 0) throw new LabError('containers need root', 'the other parts start without it')
    await debianPackages(folder, progress, {
      containerd: 'containerd',
      runc: 'runc',
      '/usr/lib/cni/bridge': 'containernetworking-plugins',
    })
    await makeStore(folder, progress)
  },
  async start(inside) {
    const files = containerdFiles(inside.folder)
    mkdirSync(files.network, { recursive: true })
    writeFileSync(join(files.network, 'lab.conflist'), JSON.stringify(podNetwork(files.addresses), null, 1))
    const pods = { snapshotter: snapshotterFor(inside.folder), networkFolder: files.network }
    writeFileSync(files.config, containerdConfig({ root: files.root, pods }))
    await takeStore(inside)
    await inside.daemon({
      name: 'containerd',
      command: ['containerd', '--config', files.config, '--log-level', 'warn'],
      ready: () => inside.run(['ctr', '--timeout', '2s', 'version']).then(() => true),
    })
  },
}

export function containerdFiles(folder: LabFolder) {
  const at = (...names: string[]) => join(folder.path, 'containerd', ...names)
  return {
    folder: at(),
    config: at('config.toml'),
    root: at('root'),
    network: at('network'),
    addresses: at('addresses'),
    base: at('base.json'),
  }
}

/** What is read only is shared with the store; the tables, which containerd writes in place, are copied. */
async function takeStore({ folder, run }: Inside): Promise<void> {
  const { root, base } = containerdFiles(folder)
  const store = realpathSync(currentStore(folder))
  const copy = (how: string) => run(['cp', how, join(store, 'root'), root])
  // Hard links do not reach another file system.
  await copy('-al').catch(async () => {
    rmSync(root, { recursive: true, force: true })
    await copy('-a')
  })
  const ownCopy = 'cp "$1" "$1.own" && mv "$1.own" "$1"'
  await run(['find', root, '-name', '*.db', '-exec', 'sh', '-c', ownCopy, 'sh', '{}', ';'])
  copyFileSync(join(store, 'base.json'), base)
}

/** A bridge of the pods' own. Its routes lead to the lab's services and no further: without a default route there is no way out. */
function podNetwork(addresses: string) {
  const routes = [LAB_NETWORK, SERVICE_NETWORK].map((dst) => ({ dst }))
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipam: {
          type: 'host-local',
          dataDir: addresses,
          ranges: [[{ subnet: POD_NETWORK }]],
          routes,
        },
      },
      { type: 'loopback' },
    ],
  }
}
