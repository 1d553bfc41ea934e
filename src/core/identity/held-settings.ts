/** What the sidecar of a running pod was given, where that may rightly be another thing than it would be given today. */
import type { SidecarSettings } from './identity.ts'
import type { SidecarSpec } from './injection.ts'
import { numberAt, objectAt, objectsAt, textAt } from './json.ts'
import type { Container, Pod } from './pod.ts'
import { TOKEN_VOLUME } from './sidecar-container.ts'

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly SidecarSettings['logLevel'][]
/** What an Identity may ask for. */
const TOKEN_SECONDS = { least: 600, most: 86_400 }

/** Settings that an identity has for itself, as far as the pod holds values that some identity could have. */
export function heldSettings(pod: Pod): Partial<Pick<SidecarSpec, 'logLevel' | 'tokenSeconds'>> {
  const container = pod.containers.find(({ isSidecar }) => isSidecar)
  const level = container === undefined ? undefined : textIn(container, 'KERBSIDE_LOG_LEVEL')
  const logLevel = LOG_LEVELS.find((known) => known === level)
  const seconds = tokenSecondsIn(pod)
  const isPossible = seconds !== undefined && seconds >= TOKEN_SECONDS.least && seconds <= TOKEN_SECONDS.most
  return { ...(logLevel === undefined ? {} : { logLevel }), ...(isPossible ? { tokenSeconds: seconds } : {}) }
}

function tokenSecondsIn({ volumes }: Pod): number | undefined {
  const volume = volumes.find(({ name }) => name === TOKEN_VOLUME)
  const [source] = volume === undefined ? [] : objectsAt(objectAt(volume.raw, 'projected'), 'sources')
  return source === undefined ? undefined : numberAt(objectAt(source, 'serviceAccountToken'), 'expirationSeconds')
}

function textIn({ env }: Container, name: string): string | undefined {
  const variable = env.find((candidate) => textAt(candidate, 'name') === name)
  return variable === undefined ? undefined : textAt(variable, 'value')
}

/**
 * The CAs that the sidecar was given, where all of them are still ours: an authority that was added since does not make
 * a running pod wrong. Otherwise ours, and the comparison shows it.
 */
export function heldAuthorities(
  container: Container,
  { ca: ours, knownCa }: Pick<SidecarSpec, 'ca' | 'knownCa'>,
): string {
  const held = textIn(container, 'KERBSIDE_CA') ?? ''
  if (held === ours) return ours
  const [certificates, known] = [certificatesIn(held), new Set(certificatesIn(knownCa))]
  const areOurs = certificates.length > 0 && certificates.every((certificate) => known.has(certificate))
  return areOurs && certificates.join('') === held.replace(/\s/g, '') ? held : ours
}

const certificatesIn = (pem: string): string[] =>
  pem.replace(/\s/g, '').match(/-----BEGINCERTIFICATE-----[^-]*-----ENDCERTIFICATE-----/g) ?? []
