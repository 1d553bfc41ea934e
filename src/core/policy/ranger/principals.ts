/** Who of Ranger is who here, and whether an item of a policy means them: yes, no, or nobody knows. */
import { KerbsideError } from '../../errors.ts'
import { type Certainty, NO, or, unsure, YES } from './certainty.ts'
import type { RangerExport, RangerItem, RangerRole } from './export.ts'

export type Subject = { readonly kind: 'team' | 'identity'; readonly name: string }
export const subjectText = ({ kind, name }: Subject): string => `${kind}:${name}`

/** One of those that a subject stands for: a user of Ranger with all groups, and roles, that were mapped to the subject. */
export type Member = { readonly subject: string; readonly user: string | undefined }

/** `user:alice`, `group:research` or `role:analyst` → subjects as text; an empty list is nobody. */
export type Mapping = ReadonlyMap<string, readonly string[]>

const LINE = /^((?:user|group|role):.+)=((?:team|identity):[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?|nobody)$/

/**
 * A mapping says all: whoever is of a subject was, for Ranger, the user and in every group that is mapped to it, and in no
 * other. Two users of one subject carry over only what both have.
 * @throws KerbsideError `bad-usage`
 */
export function readMapping(lines: readonly string[]): Mapping {
  const mapping = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [, principal, subject] = LINE.exec(line) ?? []
    if (principal === undefined || subject === undefined) {
      throw new KerbsideError('bad-usage', `\`${line}\` does not map a principal of Ranger`, {
        hint: 'such as `user:alice=team:quant`, `group:research=identity:quant-research` or `group:interns=nobody`',
      })
    }
    const before = mapping.get(principal) ?? []
    mapping.set(principal, subject === 'nobody' || before.includes(subject) ? before : [...before, subject])
  }
  return mapping
}

export function subjectOf(text: string): Subject {
  const colon = text.indexOf(':')
  return { kind: text.startsWith('team:') ? 'team' : 'identity', name: text.slice(colon + 1) }
}

/** Members by subject, subjects in the order of the mapping. */
export function membersOf(mapping: Mapping): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>()
  for (const subject of new Set([...mapping.values()].flat())) members.set(subject, [])
  for (const [principal, subjects] of mapping) {
    if (!principal.startsWith('user:')) continue
    for (const subject of subjects) members.get(subject)?.push({ subject, user: principal.slice('user:'.length) })
  }
  for (const [subject, users] of members) if (users.length === 0) users.push({ subject, user: undefined })
  return members
}

export type Who = {
  /**
   * Whether an item means a member. Where nobody said who a principal is, it is nobody where that gives access, and
   * maybe the member where that takes access away.
   */
  meant(item: RangerItem, member: Member, takes: boolean): Certainty
  /** Every user, group and role that an item names, itself or through roles, and that no mapping knows. */
  unmapped(item: RangerItem): readonly string[]
}

export function whoIn({ roles }: Pick<RangerExport, 'roles'>, mapping: Mapping): Who {
  const known = new Map(roles.map((role) => [role.name, role]))

  function isPrincipal(principal: string, member: Member, takes: boolean): Certainty {
    const subjects = mapping.get(principal)
    if (subjects !== undefined) return subjects.includes(member.subject) ? YES : NO
    return takes ? unsure('unmapped-principal') : NO
  }

  function isUser(name: string, member: Member, takes: boolean): Certainty {
    if (name === '{USER}') return YES
    if (name === '{OWNER}') return unsure('owner-macro')
    // Whose user is known is no other user, whatever the mapping says of that one.
    if (member.user !== undefined) return name === member.user ? YES : NO
    return isPrincipal(`user:${name}`, member, takes)
  }

  const isIn = (group: string, member: Member, takes: boolean): Certainty =>
    group === 'public' ? YES : isPrincipal(`group:${group}`, member, takes)

  /** Roles hold users, groups and roles (`RangerRolesUtil`); a circle of them ends where it closes. */
  function has(name: string, member: Member, takes: boolean, seen: readonly string[] = []): Certainty {
    const mapped = mapping.get(`role:${name}`)?.includes(member.subject) === true ? YES : NO
    const role = known.get(name)
    if (role === undefined) return mapping.has(`role:${name}`) ? mapped : takes ? unsure('unknown-role') : NO
    if (seen.includes(name)) return mapped
    return [
      mapped,
      ...role.users.map((user) => isUser(user.name, member, takes)),
      ...role.groups.map((group) => isIn(group.name, member, takes)),
      ...role.roles.map((inner) => has(inner.name, member, takes, [...seen, name])),
    ].reduce(or)
  }

  return {
    meant: (item, member, takes) =>
      [
        NO,
        ...item.users.map((user) => isUser(user, member, takes)),
        ...item.groups.map((group) => isIn(group, member, takes)),
        ...item.roles.map((role) => has(role, member, takes)),
      ].reduce(or),
    unmapped: (item) => namesIn(item, known).filter((principal) => !mapping.has(principal)),
  }
}

const EVERYBODY = new Set(['group:public', 'user:{USER}', 'user:{OWNER}'])

function namesIn(item: RangerItem, known: ReadonlyMap<string, RangerRole>): readonly string[] {
  const names = new Set([...item.users.map((user) => `user:${user}`), ...item.groups.map((group) => `group:${group}`)])
  const roles = [...item.roles]
  const seen = new Set<string>()
  for (let name = roles.pop(); name !== undefined; name = roles.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const role = known.get(name)
    if (role === undefined) names.add(`role:${name}`)
    for (const user of role?.users ?? []) names.add(`user:${user.name}`)
    for (const group of role?.groups ?? []) names.add(`group:${group.name}`)
    for (const inner of role?.roles ?? []) roles.push(inner.name)
  }
  return [...names].filter((name) => !EVERYBODY.has(name))
}
