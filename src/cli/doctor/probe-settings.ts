/** Whether the settings are whole: those of the sidecar, or those that a person gave. */
import { ok } from '../../core/doctor/finding.ts'
import type { Place } from './place.ts'
import type { Checked } from './run-checks.ts'

export function settingsProbe(read: () => Place): () => Promise<Checked<'settings'>> {
  return async () => {
    const place = read()
    return { findings: [ok(inWords(place))], value: place }
  }
}

function inWords(place: Place): string {
  if (place.where === 'here') return `policy \`${place.given.policies}\`, by the options given`
  const { identity, store, storeUrl, storeMount, storeRole } = place.settings
  const at = storeUrl === 'none' ? storeMount : `${storeUrl} ${storeMount}`
  return `identity \`${identity}\`, ${store} ${at}${storeRole === 'none' ? '' : `, role \`${storeRole}\``}`
}
