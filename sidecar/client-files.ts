/**
 * Writes the client configuration where the other containers of the pod read it, and again when the cluster changes or its own
 * Hadoop configuration does.
 */
import { KerbsideError } from '../src/core/errors.ts'
import { clientConfiguration } from '../src/core/hadoop/client-configuration.ts'
import type { SliceCluster } from '../src/core/policy/slice.ts'
import type { Settings } from '../src/core/settings.ts'
import { replaceFileSet } from './file-set.ts'
import type { ClusterProperties, CurrentSlice } from './ports.ts'

type Place = Pick<Settings, 'clientDirectory' | 'gatewayPort'>

export class ClientFiles {
  readonly #place: Place
  readonly #slices: CurrentSlice
  readonly #warn: (problem: unknown) => void
  #cluster: SliceCluster
  #given: ClusterProperties | undefined
  /** One after the other: two sets that are written at once would leave links of both. */
  #written: Promise<void> = Promise.resolve()

  /** @param warn told when files cannot be written; the job then keeps those that are there */
  constructor(place: Place, slices: CurrentSlice, warn: (problem: unknown) => void) {
    this.#place = place
    this.#slices = slices
    this.#warn = warn
    this.#cluster = slices.get().cluster
  }

  /**
   * Resolves once the files for the newest slice are there, and follows slices from then on.
   * @throws KerbsideError `disk-full`, `io-failed` or `bad-slice`
   */
  async start(): Promise<void> {
    await this.#write()
    this.#slices.onChange(({ cluster }) => {
      this.#cluster = cluster
      this.#write().catch(this.#warn)
    })
  }

  /** Resolves once clients would read them, or cannot. Those of another cluster than the slice names are let lie. */
  async use(given: ClusterProperties): Promise<void> {
    this.#given = given
    await this.#write().catch(this.#warn)
  }

  #write(): Promise<void> {
    const written = this.#written.then(() => writeClientFiles(this.#place, this.#cluster, this.#given))
    this.#written = written.catch(() => undefined)
    return written
  }
}

async function writeClientFiles(
  { clientDirectory, gatewayPort }: Place,
  { name, nameservice, configuration }: SliceCluster,
  given: ClusterProperties | undefined,
): Promise<void> {
  const isOurs = given !== undefined && given.cluster === name && given.configuration === configuration
  const properties = new Map(isOurs ? given.properties : [])
  const files = clientConfiguration({ nameservice, gatewayPort, properties })
  try {
    await replaceFileSet(clientDirectory, files)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const what = `the client configuration cannot be written to \`${clientDirectory}\`: ${code}`
    throw new KerbsideError(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'io-failed', what, { cause })
  }
}
