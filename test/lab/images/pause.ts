/** The image that holds a pod's network namespace open: busybox, asleep. */
import type { Image } from '../../../deploy/image/archive.ts'

export const PAUSE = 'lab/pause:1'

export function pauseImage(): Image {
  return {
    name: PAUSE,
    entries: [{ path: 'bin/busybox', from: '/bin/busybox', mode: 0o755 }],
    entrypoint: ['/bin/busybox', 'sleep', 'infinity'],
    user: '65535:65535',
  }
}
