/** Environment that keeps a sidecar small, which is multiplied by pods. Whoever changes it adds a row to sidecar-forms.ts. */

export const SIDECAR_MEMORY: Readonly<Record<string, string>> = {
  /** A young generation of 1 MiB instead of 16: what a sidecar moves dies young, and with eight readers it needs half of the memory. */
  NODE_OPTIONS: '--max-semi-space-size=1',
  /** glibc gives each thread an arena of its own otherwise, of which each keeps what it once needed. */
  MALLOC_ARENA_MAX: '2',
  /** From this size on, in bytes, what is freed is given back at once. By itself glibc raises it as it goes, and streams leave holes for ever. */
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
}
