/** A file that is there and that nobody may read, root included: Linux asks the bits of its settings alone (sysctl, mode 0200). */
export const UNREADABLE = { folder: '/proc/sys/vm', name: 'drop_caches', file: '/proc/sys/vm/drop_caches' } as const
