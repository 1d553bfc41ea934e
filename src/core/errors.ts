/** The one error class, its closed list of codes, and what each code tells a client. The cause goes to the log, never to the client. */

type Told = {
  /** HTTP status towards a WebHDFS client. Never 401: the Java client turns it into a sentence without detail. */
  readonly status: 400 | 403 | 404 | 500 | 503
  /** Simple name of the Java exception in the RemoteException body. */
  readonly exception: string
  readonly sentence: string
}

const RETRY = { status: 503, exception: 'RetriableException' } as const
const BROKEN = { status: 500, exception: 'IOException' } as const

export const ERRORS = {
  'bad-usage': { status: 400, exception: 'IllegalArgumentException', sentence: 'the command line is not understood' },
  'bad-settings': { ...BROKEN, sentence: 'the settings are not usable' },
  'bad-policy': { ...BROKEN, sentence: 'the policy files are not usable' },
  'bad-slice': { ...BROKEN, sentence: 'the policy slice is not usable' },
  'bundle-malformed': { ...BROKEN, sentence: 'the policy bundle is cut off, too large or not one at all' },
  'bundle-unsigned': { ...BROKEN, sentence: 'the policy is not signed' },
  'bundle-wrong-type': { ...BROKEN, sentence: 'the signature is one over something else than a policy bundle' },
  'bundle-wrong-algorithm': { ...BROKEN, sentence: 'the policy bundle is signed in a way that its key is not for' },
  'bundle-unknown-key': { ...BROKEN, sentence: 'the policy bundle is signed by a key that is not trusted' },
  'bundle-bad-signature': { ...BROKEN, sentence: 'the policy bundle was changed after it was signed' },
  'bundle-bad-content': { ...BROKEN, sentence: 'the policy bundle is signed, but what is in it is not usable' },
  'bundle-older': { ...BROKEN, sentence: 'the policy bundle is older than one that was known before' },
  'bundle-other-content': {
    ...BROKEN,
    sentence: 'the policy bundle has the sequence of a known one, and other content',
  },
  'bundle-bad-keys': { ...BROKEN, sentence: 'the keys that policy bundles are signed by are not usable' },
  'bundle-bad-state': { ...BROKEN, sentence: 'the record of the newest policy bundle is not usable' },
  'bad-request': { status: 400, exception: 'IllegalArgumentException', sentence: 'the request is not understood' },
  'secret-unauthenticated': { ...RETRY, sentence: 'the secret store did not accept the service-account token' },
  'secret-forbidden': { ...RETRY, sentence: 'the secret store refuses this secret to this identity' },
  'secret-not-found': { ...RETRY, sentence: 'the secret store has no such secret' },
  'secret-unavailable': { ...RETRY, sentence: 'the secret store does not answer' },
  'secret-malformed': { ...RETRY, sentence: 'the secret store holds something else than was expected' },
  'bad-configuration': { ...RETRY, sentence: 'the Hadoop configuration is not usable' },
  'keytab-malformed': { ...RETRY, sentence: 'the keytab is not usable' },
  'kdc-unreachable': { ...RETRY, sentence: 'no KDC answers' },
  'kerberos-refused': { ...RETRY, sentence: 'the KDC refuses the principal or its key' },
  'kerberos-failed': { ...RETRY, sentence: 'Kerberos failed' },
  'not-ready': { ...RETRY, sentence: 'credentials are not there yet' },
  'hdfs-unreachable': { ...RETRY, sentence: 'no NameNode answers' },
  'hdfs-untrusted': { ...RETRY, sentence: 'the certificate of HDFS is not signed by the CA of the cluster' },
  'hdfs-no-active': { ...RETRY, sentence: 'no NameNode is active' },
  'hdfs-refused-us': { ...RETRY, sentence: 'HDFS did not accept the delegation token' },
  'hdfs-broken-answer': { ...BROKEN, sentence: 'HDFS answered something that is not WebHDFS' },
  'symbolic-link': { status: 404, exception: 'FileNotFoundException', sentence: 'there is no such path' },
  'hdfs-unknown-outcome': {
    ...BROKEN,
    sentence: 'HDFS was asked but did not answer: whether it was done is not known',
  },
  'datanode-unreachable': { ...RETRY, sentence: 'the DataNode does not answer' },
  'audit-unwritable': { ...RETRY, sentence: 'the audit record cannot be written, so the operation does not happen' },
  'broker-unreachable': { ...RETRY, sentence: 'the broker does not answer' },
  'broker-refused': { ...RETRY, sentence: 'the broker refuses this pod' },
  'export-failed': { ...RETRY, sentence: 'records cannot be put where they go' },
  'port-taken': { ...BROKEN, sentence: 'the port is taken' },
  'disk-full': { ...RETRY, sentence: 'the disk is full' },
  'io-failed': { ...BROKEN, sentence: 'a file or socket failed' },
  internal: { ...BROKEN, sentence: 'an error inside Kerbside' },
} as const satisfies Record<string, Told>

export type ErrorCode = keyof typeof ERRORS

/**
 * A broken world, or bad input to a program. `message` says what and where, for the operator's log; it never holds a
 * secret. `hint` says what to do and is printed on a second line.
 */
export class KerbsideError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'KerbsideError'
    this.code = code
    this.hint = options.hint
  }

  /** What a WebHDFS client is told: a sentence from the table, without names of hosts, files or principals. */
  get told(): Told {
    return ERRORS[this.code]
  }
}

/** Any thrown value as a {@link KerbsideError}; what is not ours becomes `internal`, with the original as its cause. */
export function toKerbsideError(thrown: unknown): KerbsideError {
  if (thrown instanceof KerbsideError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new KerbsideError('internal', message, { cause: thrown })
}
