/** etcd, where kube-apiserver keeps everything. On loopback only, so without certificates. */
import { join } from 'node:path'
import { debianPackages } from '../debian.ts'
import type { Part } from '../part.ts'
import { connects } from '../probe.ts'

export const ETCD_URL = 'http://127.0.0.1:2379'

export const etcd: Part = {
  name: 'etcd',
  needs: [],
  fetch: (folder, progress) => debianPackages(folder, progress, { etcd: 'etcd-server' }),
  async start({ folder, daemon }) {
    const listen = ['--listen-client-urls', ETCD_URL, '--advertise-client-urls', ETCD_URL]
    const peers = ['--listen-peer-urls', 'http://127.0.0.1:2380']
    // The data live as long as the lab: waiting for the disk would buy nothing.
    const storage = ['--data-dir', join(folder.path, 'etcd'), '--unsafe-no-fsync']
    await daemon({
      name: 'etcd',
      command: ['etcd', ...listen, ...peers, ...storage, '--log-level', 'warn'],
      ready: () => connects('127.0.0.1', 2379),
    })
  },
}
