/** The image that holds a pod's network namespace open: busybox, asleep. */
import { PAUSE } from './names.ts'
import type { Recipe } from './recipe.ts'

export function pauseImage(): Recipe {
  return {
    name: PAUSE,
    entries: [{ path: 'bin/busybox', from: '/bin/busybox', mode: 0o755 }],
    entrypoint: ['/bin/busybox', 'sleep', 'infinity'],
    user: '65535:65535',
  }
}
