/** containerd with runc and CNI plugins, and the one image that no pod can do without. */
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS, POD_NETWORK } from '../addresses.ts'
import { debianPackages } from '../debian.ts'
import { LabError } from '../errors.ts'
import { loadImage } from '../images/load.ts'
import { PAUSE } from '../images/pause.ts'
import type { LabFolder, Part } from '../part.ts'

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

export const containerd: Part = {
  name: 'containerd',
  needs: [],
  async fetch(folder, progress) {
    if (process.getuid?.() !== 0) throw new LabError('containers need root', 'the other parts start without it')
    await debianPackages(folder, progress, {
      containerd: 'containerd',
      runc: 'runc',
      '/usr/lib/cni/bridge': 'containernetworking-plugins',
      '/bin/busybox': 'busybox-static',
    })
  },
  async start(inside) {
    const config = writeConfig(inside.folder)
    await inside.daemon({
      name: 'containerd',
      command: ['containerd', '--config', config, '--log-level', 'warn'],
      ready: () => inside.run(['ctr', '--timeout', '2s', 'version']).then(() => true),
    })
    await loadImage(inside, PAUSE)
  },
}

function writeConfig(folder: LabFolder): string {
  const at = (...names: string[]) => join(folder.path, 'containerd', ...names)
  mkdirSync(at('cni'), { recursive: true })
  writeFileSync(at('cni', 'lab.conflist'), JSON.stringify(podNetwork(at('addresses')), null, 1))
  writeFileSync(at('config.toml'), toml({ root: at('root'), cni: at('cni'), snapshotter: snapshotterFor(folder.path) }))
  return at('config.toml')
}

const OVERLAYFS_MAGIC = 0x794c7630

/** An overlay cannot be the upper layer of another: in a container whose root is one, files are copied instead. */
function snapshotterFor(path: string): string {
  return statfsSync(path).type === OVERLAYFS_MAGIC ? 'native' : 'overlayfs'
}

function toml({ root, cni, snapshotter }: { root: string; cni: string; snapshotter: string }): string {
  return `version = 2
root = "${root}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
  address = "${CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/${PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cni}"
`
}

/** A bridge of the pods' own. Its only route leads to the lab's services: there is no default route, so no way out. */
function podNetwork(addresses: string) {
  const services = `${HOSTS['node1.lab'].split('.').slice(0, 3).join('.')}.0/24`
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
          routes: [{ dst: services }],
        },
      },
      { type: 'loopback' },
    ],
  }
}
