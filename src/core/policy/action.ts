/** What can be done to a path, and the presets that policy files may name instead. */

export const ACTIONS = [
  'stat',
  'list',
  'read',
  'create',
  'append',
  'overwrite',
  'mkdir',
  'delete',
  'setattr',
  'acl',
  'snap-read',
  'snap-admin',
  'admin',
] as const

export type Action = (typeof ACTIONS)[number]

/** `write` holds what committers need (temporary names, rename, delete), so it implies `read`. `admin` is in no preset. */
export const PRESETS = {
  read: ['stat', 'list', 'read'],
  write: ['stat', 'list', 'read', 'create', 'append', 'overwrite', 'mkdir', 'delete'],
  manage: [
    'stat',
    'list',
    'read',
    'create',
    'append',
    'overwrite',
    'mkdir',
    'delete',
    'setattr',
    'acl',
    'snap-read',
    'snap-admin',
  ],
} as const satisfies Record<string, readonly Action[]>

export type Preset = keyof typeof PRESETS
