/**
 * Reads a krb5.conf that somebody else wrote, to compare it with what policy says. Format: MIT krb5, lib/util/profile
 * (prof_parse.c). Files that it includes are named and not read.
 */
import { KerbsideError } from '../errors.ts'

export type Krb5Conf = {
  /** KDCs by realm, `kdc.lab:88`, in the order of the file; a port that is not said is 88. */
  readonly kdcs: ReadonlyMap<string, readonly string[]>
  /** Relations of `[libdefaults]`; of one that stands twice the first counts. */
  readonly defaults: ReadonlyMap<string, string>
  /** Lines that lead to other files: `includedir /etc/krb5.conf.d`. */
  readonly leadsTo: readonly string[]
}

const LARGEST = 1 << 20

/** @throws KerbsideError `bad-configuration` with the line, which is not quoted */
export function readKrb5Conf(text: string): Krb5Conf {
  if (text.length > LARGEST) throw bad(1, 'it is larger than 1 MiB')
  const kdcs = new Map<string, string[]>()
  const defaults = new Map<string, string>()
  const leadsTo: string[] = []
  let section: string | undefined
  /** Names of the braces that are open. */
  const open: string[] = []

  const relate = (name: string, value: string) => {
    if (section === 'libdefaults' && open.length === 0 && !defaults.has(name)) defaults.set(name, value)
    const [realm, ...deeper] = open
    if (section !== 'realms' || realm === undefined || deeper.length > 0 || name !== 'kdc') return
    kdcs.set(realm, [...(kdcs.get(realm) ?? []), withPort(value)])
  }

  const lines = text.split(/\r?\n/)
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || /^[#;]/.test(line)) continue
    if (/^(include|includedir|module)\s/.test(line)) {
      leadsTo.push(line)
      continue
    }
    const [, header] = /^\[\s*([^\]]+?)\s*\]\s*\*?$/.exec(line) ?? []
    if (header !== undefined) {
      if (open.length > 0) throw bad(index + 1, 'a section begins inside of braces')
      section = header
      continue
    }
    if (/^\}\*?$/.test(line)) {
      if (open.pop() === undefined) throw bad(index + 1, 'a brace is closed that was not open')
      continue
    }
    const [, name, value] = /^([^\s=]+?)\*?\s*=\s*(.*)$/.exec(line) ?? []
    if (section === undefined || name === undefined || value === undefined) {
      throw bad(index + 1, section === undefined ? 'it stands before any section' : 'it is no relation')
    }
    if (value === '{') open.push(name)
    else relate(name, value.replace(/^"(.*)"$/, '$1'))
  }
  if (open.length > 0) throw bad(lines.length, 'a brace is not closed')
  return { kdcs, defaults, leadsTo }
}

/** A bare IPv6 address has colons of its own. */
function withPort(kdc: string): string {
  const bare = kdc.replace(/^(tcp|udp)\//, '')
  return /^(\[[^\]]*\]|[^:]+):\d+$/.test(bare) ? bare : `${bare}:88`
}

/** What MIT krb5 takes for no; anything else that stands there is yes, and so is nothing. */
export const isOff = (value: string | undefined): boolean =>
  value !== undefined && /^(n|no|false|f|nil|0|off)$/i.test(value)

const bad = (line: number, what: string): KerbsideError =>
  new KerbsideError('bad-configuration', `krb5.conf:${line}: ${what}`)
