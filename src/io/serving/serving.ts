/** What a server needs of TLS, kept current while it runs: each way to come by it is one file beside this one. */
import type { CertifiedKey } from '../tls/x509.ts'

/** Certificates of authorities in PEM. */
export type Authorities = {
  /** New pods trust these. */
  readonly given: string
  /** Pods may hold these and no others. */
  readonly known: string
  /** The API server is to trust these. */
  readonly trusted: string
}

export type ServingCertificate = CertifiedKey & {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export type Serving = {
  authorities(): Authorities
  /** Calls back after each change of {@link authorities} from now on. */
  onChange(changed: () => void): void
  stop(): void
}

export type ServingOptions = {
  /** Given each new certificate, at once; `https.Server.setSecureContext` takes it. */
  readonly use: (certificate: ServingCertificate) => void
  /** Told what could not be renewed or read. What was in use stays so. */
  readonly onProblem: (problem: string, hint: string | undefined) => void
}
