/** A bundle as one identity meets it: with its own grants and no others, found without looking at all of them again. */
import type { Identity } from '../../identity/identity.ts'
import { type Bundle, type Grant, narrowed } from '../bundle.ts'
import type { Mode } from '../slice.ts'

type Filed = { readonly byTeam: Map<string, Grant[]>; readonly byIdentity: Map<string, Grant[]> }

export type Narrowing = (identity: Identity) => Bundle

/** @param withShadow whether grants in shadow count as if they were enforced */
export function narrowing(bundle: Bundle, withShadow = false): Narrowing {
  const counts = (mode: Mode): boolean => mode === 'enforce' || withShadow
  const filed: Filed = { byTeam: new Map(), byIdentity: new Map() }
  const order = new Map<Grant, number>()
  for (const [index, grant] of bundle.grants.entries()) {
    if (!counts(grant.mode)) continue
    order.set(grant, index)
    for (const team of grant.teams) file(filed.byTeam, team, grant)
    for (const name of grant.identities) file(filed.byIdentity, name, grant)
  }
  return ({ name, team }) => {
    const found = new Set([...(filed.byTeam.get(team) ?? []), ...(filed.byIdentity.get(name) ?? [])])
    const grants = [...found].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0))
    return narrowed(bundle, { grants })
  }
}

function file(by: Map<string, Grant[]>, name: string, grant: Grant): void {
  const known = by.get(name)
  if (known === undefined) by.set(name, [grant])
  else known.push(grant)
}
