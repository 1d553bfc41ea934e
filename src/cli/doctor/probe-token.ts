/** The service-account token, decoded: whom it is for, until when, of which pod. It is never shown. */

import { notTried } from '../../core/doctor/finding.ts'
import { lookAtToken, tokenClaims } from '../../core/doctor/service-account-token.ts'
import { KerbsideError } from '../../core/errors.ts'
import { RESERVED_AUDIENCE } from '../../core/identity/sidecar-container.ts'
import { payloadOf, serviceAccountToken } from '../../io/service-account-token.ts'
import type { Place } from './place.ts'
import type { Checked, Known } from './run-checks.ts'

export const tokenProbe =
  (clock: () => number) =>
  async ({ settings: place }: Known<'token'>): Promise<Checked<'token'>> => {
    const file = place.where === 'sidecar' ? place.settings.tokenFile : place.given.tokenFile
    if (file === undefined) return { findings: [notTried('no --token-file is given')], value: true }
    const payload = payloadOf(await serviceAccountToken(file))
    if (payload === undefined) {
      const says = `the file \`${file}\` holds something else than a service-account token`
      throw new KerbsideError('secret-unauthenticated', says)
    }
    const claims = tokenClaims(payload)
    const said = lookAtToken(claims, { audience: RESERVED_AUDIENCE, ...podOf(place) }, clock())
    return { findings: [said], ...(said.state === 'fail' ? {} : { value: true }) }
  }

function podOf(place: Place) {
  if (place.where !== 'sidecar') return {}
  const { pod: name, podUid: uid } = place.settings
  return { pod: { name, uid } }
}
