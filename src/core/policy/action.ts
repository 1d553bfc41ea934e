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

/** Place of an action in {@link ACTIONS}, by which the marks of a trie are found. */
export const ACTION_INDEX: ReadonlyMap<string, number> = new Map(ACTIONS.map((action, index) => [action, index]))

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

/** What a preset adds to the one before it. A deny of `write` is meant to leave reading. */
const STEPS = {
  read: PRESETS.read,
  write: ['create', 'append', 'overwrite', 'mkdir', 'delete'],
  manage: ['setattr', 'acl', 'snap-read', 'snap-admin'],
} as const satisfies Record<Preset, readonly Action[]>

/** Words that a Grant's `actions` may hold. Files cannot bring bytes without their names, so `read` is always the preset. */
export const ACTION_WORDS = [...ACTIONS, 'write', 'manage', 'all'] as const
export type ActionWord = (typeof ACTION_WORDS)[number]

/**
 * The actions that words in a policy file stand for, in the order of {@link ACTIONS}. In an allow a preset brings the
 * smaller ones along; in a deny it takes only its own step. `all` is for denies: whoever allows all spells it out.
 */
export function spellOut(effect: 'allow' | 'deny', words: readonly ActionWord[]): readonly Action[] {
  const presets = effect === 'allow' ? PRESETS : STEPS
  const spelled = new Set<Action>()
  for (const word of words) {
    const actions =
      word === 'all' ? ACTIONS : word === 'read' || word === 'write' || word === 'manage' ? presets[word] : [word]
    for (const action of actions) spelled.add(action)
  }
  return ACTIONS.filter((action) => spelled.has(action))
}
