/** What a KDC means by the number that it answers a request without a key with (RFC 4120, 7.5.9). */

export type KdcMeaning = {
  readonly says: string
  /** Whether it knows the principal and would go on. */
  readonly isGood: boolean
  readonly advice?: string
}

const GOOD: KdcMeaning = { says: 'it knows the principal', isGood: true }
const bad = (says: string, advice: string): KdcMeaning => ({ says, isGood: false, advice })

const MEANINGS = new Map<number, KdcMeaning>([
  // It wants a proof, which is the rule.
  [25, GOOD],
  [24, GOOD],
  [
    6,
    bad(
      'it does not know the principal',
      'compare the principal of the Identity with the KDC, realm and letter case too',
    ),
  ],
  [
    12,
    bad(
      'its policy refuses the principal',
      'ask who runs the KDC why: logon hours, workstations, flags of the account',
    ),
  ],
  [14, bad('it has no AES key for the principal', 'give the principal an AES key and write the keytab anew')],
  [
    18,
    bad('the principal is locked, disabled or has expired', 'unlock it at the KDC, and see who shows it wrong keys'),
  ],
  [23, bad('the key of the principal has expired', 'change the key, and write the keytab anew')],
  [
    68,
    bad('the principal is of another realm', 'correct `realm` of the HadoopCluster or the principal of the Identity'),
  ],
])

export const kdcMeaning = (errorCode: number): KdcMeaning =>
  MEANINGS.get(errorCode) ?? bad(`it answers with error ${errorCode}`, 'RFC 4120, 7.5.9 says what the number means')
