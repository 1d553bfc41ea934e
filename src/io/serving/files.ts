/**
 * TLS from files that somebody else makes and renews: `tls.crt`, `tls.key` and `ca.crt` in one folder, as cert-manager fills
 * a Secret, mounted. Read again when they change; a change that is no use is told and not taken over.
 */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { KerbsideError, toKerbsideError } from '../../core/errors.ts'
import { keepLooking } from '../keep-looking.ts'
import { authorityPem } from '../tls/authority-pem.ts'
import { isPair } from '../tls/x509.ts'
import type { Serving, ServingCertificate, ServingOptions } from './serving.ts'

type Found = { readonly certificate: ServingCertificate; readonly caPem: string }

/**
 * Resolves when the certificate is in use.
 * @throws KerbsideError `io-failed` or `secret-malformed` when the files are unusable to begin with
 */
export async function serveFiles(folder: string, { use, onProblem }: ServingOptions): Promise<Serving> {
  let current = await readFiles(folder)
  use(current.certificate)
  const listeners: (() => void)[] = []
  let told: string | undefined

  async function look(): Promise<void> {
    try {
      const found = await readFiles(folder)
      told = undefined
      if (isDeepStrictEqual(found, current)) return
      const isNewAuthority = found.caPem !== current.caPem
      current = found
      use(found.certificate)
      if (isNewAuthority) for (const listener of listeners) listener()
    } catch (thrown) {
      const { message, hint } = toKerbsideError(thrown)
      if (message !== told) onProblem(message, hint)
      told = message
    }
  }
  return {
    authorities: () => ({ given: current.caPem, known: current.caPem, trusted: current.caPem }),
    onChange: (changed) => void listeners.push(changed),
    stop: keepLooking([folder], look),
  }
}

async function readFiles(folder: string): Promise<Found> {
  // One after the other: of several that are not there, the first is named.
  const certificatePem = authorityPem(await readIn(folder, 'tls.crt'), `\`${join(folder, 'tls.crt')}\``)
  const keyPem = String(await readIn(folder, 'tls.key'))
  const ca = await readIn(folder, 'ca.crt')
  return {
    certificate: { certificatePem, keyPem, expiresAt: checked({ certificatePem, keyPem, folder }) },
    caPem: authorityPem(ca, `\`${join(folder, 'ca.crt')}\``),
  }
}

function readIn(folder: string, name: string): Promise<Buffer> {
  const file = join(folder, name)
  return readFile(file).catch((cause: unknown) => {
    throw new KerbsideError('io-failed', `\`${file}\` cannot be read`, { cause })
  })
}

/** When it expires, in ms since the epoch. The messages of OpenSSL stay behind: they may quote the key. */
function checked(pair: { certificatePem: string; keyPem: string; folder: string }): number {
  const expiresAt = new X509Certificate(pair.certificatePem).validToDate.getTime()
  if (expiresAt <= Date.now()) throw new KerbsideError('io-failed', `\`${join(pair.folder, 'tls.crt')}\` has expired`)
  let belongTogether = false
  try {
    belongTogether = isPair(pair)
  } catch {
    throw new KerbsideError('io-failed', `\`${join(pair.folder, 'tls.key')}\` is not a private key in PEM`)
  }
  if (belongTogether) return expiresAt
  throw new KerbsideError('io-failed', `tls.crt and tls.key in \`${pair.folder}\` do not belong together`)
}
