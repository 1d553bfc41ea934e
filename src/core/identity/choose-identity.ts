/** Which identity a pod may use: the label selects, and only the identity itself says for whom it is. */
import { nearest } from '../nearest.ts'
import type { Bundle } from '../policy/bundle.ts'
import { type Denial, denial, IDENTITY_LABEL } from './admission.ts'
import { accountsIn, type Identity, type Namespace } from './identity.ts'
import type { Pod } from './pod.ts'

/** A DNS label: what an identity can be called, in a policy file as well. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Names and uses of identities are told only to those who may use them: whoever guesses hears the same, whether there is
 * an identity of that name or not.
 */
export function chooseIdentity(pod: Pod, namespace: Namespace, bundle: Bundle): Identity | Denial {
  const asked = pod.labels.get(IDENTITY_LABEL) ?? ''
  if (!NAME.test(asked)) {
    const change = `set it to the name of an identity: lower-case letters, digits and \`-\`, at most 63`
    return denial('bad-label', { where: `label ${IDENTITY_LABEL}`, change })
  }
  const identity = bundle.identities.get(asked)
  const accounts = identity === undefined ? [] : accountsIn(identity, namespace)
  if (identity !== undefined && accounts.includes(pod.serviceAccount)) return identity
  const where = `\`${asked}\``
  if (accounts.length > 0) {
    const names = accounts.map((name) => `\`${name}\``).join(' or ')
    const change = `set serviceAccountName to ${names} instead of \`${pod.serviceAccount}\``
    return denial('not-allowed', { where, change })
  }
  const usable = [...bundle.identities.values()].filter((each) =>
    accountsIn(each, namespace).includes(pod.serviceAccount),
  )
  const meant = nearest(
    asked,
    usable.map(({ name }) => name),
  )
  const ask = `ask its owner to allow namespace \`${namespace.name}\` and service account \`${pod.serviceAccount}\``
  return denial('unknown-identity', {
    where,
    change: meant === undefined ? ask : `did you mean \`${meant}\`? or ${ask}`,
  })
}
