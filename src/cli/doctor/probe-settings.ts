/** Whether the settings are whole: those of the sidecar, or those that a person gave; and whether no other doctor is at work. */
import { ok } from '../../core/doctor/finding.ts'
import type { Place } from './place.ts'
import type { Checked } from './run-checks.ts'
import type { Workroom } from './workroom.ts'

export function settingsProbe(read: () => Place, workroom: Workroom): () => Promise<Checked<'settings'>> {
  return async () => {
    const place = read()
    await workroom.open(place)
    return { findings: [ok(inWords(place))], value: place }
  }
}

function inWords(place: Place): string {
  if (place.where === 'here') return `policy \`${place.given.policies}\`, by the options given`
  const { identity, store, storeUrl, storeMount, storeRole } = place.settings
  if (store === 'none') return `\`${identity}\`, no store of its own: all secrets come through the broker`
  const at = storeUrl === 'none' ? storeMount : storeUrl
  return `\`${identity}\`, ${store} ${at}${storeRole === 'none' ? '' : `, role \`${storeRole}\``}`
}
