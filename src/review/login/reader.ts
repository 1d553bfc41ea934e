/** Who looks, and what that reader may see: read from the claims of the ID token, and nothing without one that is named. */
import type { Viewed } from '../../core/audit/record.ts'
import type { LoginSettings } from './settings.ts'

export type Role = Exclude<Viewed['role'], 'none'>

export type Reader = {
  /** Issuer and subject, which the provider gives to nobody else. */
  readonly id: string
  /** How the provider calls them: for the page, never for a decision. */
  readonly name: string
  readonly role: Role
  /** Whose records are shown; nothing stands for all of them. */
  readonly teams?: readonly string[]
}

/** Where there is no login only this machine is served, and whoever is on it can read the files as well. */
export const LOCAL_READER: Reader = { id: 'local', name: 'local', role: 'auditor' }

/** What a page needs: records of teams, what is about all of them, or who looked at what. */
export type Need = 'records' | 'everything' | 'views'

const MAY: Readonly<Record<Role, readonly Need[]>> = {
  'team-lead': ['records'],
  reviewer: ['records', 'everything'],
  auditor: ['records', 'everything', 'views'],
}

export const may = ({ role }: Reader, need: Need): boolean => MAY[role].includes(need)

type Claims = { readonly iss: string; readonly sub: string } & Readonly<Record<string, unknown>>

/**
 * 1. Whoever has a value of `auditors` is an auditor.
 * 2. Otherwise, one of `reviewers` makes a reviewer.
 * 3. Otherwise, those of `teamLeads` make a lead of all teams that they name.
 * 4. Otherwise nobody.
 */
export function readerOf(claims: Claims, settings: LoginSettings): Reader | undefined {
  const { iss, sub } = claims
  const held = valuesOf(Object.hasOwn(claims, settings.claim) ? claims[settings.claim] : undefined)
  const known = { id: `${iss} ${sub}`, name: nameOf(claims) }
  const has = (list: readonly string[]) => held.some((value) => list.includes(value))
  if (has(settings.auditors)) return { ...known, role: 'auditor' }
  if (has(settings.reviewers)) return { ...known, role: 'reviewer' }
  const teams = held.flatMap((value) => settings.teamLeads.get(value) ?? [])
  return teams.length === 0 ? undefined : { ...known, role: 'team-lead', teams: [...new Set(teams)].toSorted() }
}

/** A list with anything in it that is no text says nothing at all. */
function valuesOf(claim: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return list.every((value) => typeof value === 'string') ? list : []
}

function nameOf(claims: Claims): string {
  const names = [claims['preferred_username'], claims['email'], claims['name']]
  const name = names.find((one) => typeof one === 'string' && one !== '')
  return typeof name === 'string' ? name.slice(0, 128) : claims.sub
}
