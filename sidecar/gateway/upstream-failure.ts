/** What is known of a request to HDFS that got no answer. */
import type { ErrorCode } from '../../src/core/errors.ts'

export type Failure = {
  readonly code: Extract<ErrorCode, 'hdfs-unreachable' | 'hdfs-untrusted' | 'hdfs-broken-answer'>
  /** Whether HDFS may have got it: then only what is repeatable may be tried again. */
  readonly maybeSent: boolean
  readonly cause: unknown
}

/** Codes of OpenSSL (`X509_V_ERR_…`) and Node for a certificate that does not hold. */
const UNTRUSTED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|(UNABLE_TO_(GET|VERIFY|DECRYPT)|SELF_SIGNED|DEPTH_ZERO|CERT|CRL|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH).*)$/

export function failureOf(cause: unknown, maybeSent: boolean): Failure {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  if (UNTRUSTED.test(code)) return { code: 'hdfs-untrusted', maybeSent: false, cause }
  if (code.startsWith('HPE_')) return { code: 'hdfs-broken-answer', maybeSent: true, cause }
  return { code: 'hdfs-unreachable', maybeSent, cause }
}
