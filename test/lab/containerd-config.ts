/** containerd's configuration, for the lab's daemon and for the one that fills the store of images. */
import { fullName } from '../../deploy/image/archive.ts'
import { PAUSE } from './images/names.ts'

/** In a /run of its own, inside the namespace. */
export const SOCKET = '/run/containerd/containerd.sock'

export type ContainerdOptions = {
  readonly root: string
  /** How pods are run; without it containerd serves no kubelet. */
  readonly pods?: { readonly snapshotter: string; readonly networkFolder: string }
}

export function containerdConfig({ root, pods }: ContainerdOptions): string {
  const off = ['io.containerd.internal.v1.opt', ...(pods === undefined ? ['io.containerd.grpc.v1.cri'] : [])]
  const head = `version = 2
root = "${root}"
state = "/run/containerd"
disabled_plugins = ${JSON.stringify(off)}

[grpc]
  address = "${SOCKET}"
`
  return pods === undefined ? head : `${head}${forKubelet(pods)}`
}

const forKubelet = ({ snapshotter, networkFolder }: NonNullable<ContainerdOptions['pods']>): string => `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${fullName(PAUSE)}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networkFolder}"
`
