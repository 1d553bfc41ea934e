/** Keeps a server in a valid certificate: a first leaf now, the next at two thirds of each one's life, without a restart. */
import { type Authority, issueLeaf, type Leaf, LIVES, type Lives } from './certificates.ts'

const RETRY_MS = 60_000
/** A Node timer takes no longer wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

export type KeepLeafOptions = {
  /** Asked anew for each leaf: another one may sign by then. */
  readonly authority: () => Authority
  readonly names: readonly [string, ...string[]]
  readonly lives?: Lives
  /** Given each new leaf, at once; `https.Server.setSecureContext` takes it. */
  readonly use: (leaf: Leaf) => void
  /** Told why a leaf could not be renewed; it is tried again every minute. */
  readonly onProblem: (thrown: unknown) => void
}

export type KeptLeaf = {
  /** Issues another one now, if another authority signs than did last. */
  resign(): void
  stop(): void
}

/** Resolves when the first leaf is in use. */
export async function keepLeaf({
  authority,
  names,
  lives = LIVES,
  use,
  onProblem,
}: KeepLeafOptions): Promise<KeptLeaf> {
  let timer: NodeJS.Timeout | undefined
  let isEnded = false
  let signedBy = ''
  const renew = async (): Promise<void> => {
    const signer = authority()
    const leaf = await issueLeaf(signer, names, Date.now(), lives)
    if (isEnded) return
    signedBy = signer.keyPem
    use(leaf)
    schedule(leaf.renewAt - Date.now())
  }
  const renewSafely = (): void => {
    renew().catch((thrown: unknown) => {
      onProblem(thrown)
      schedule(RETRY_MS)
    })
  }
  const schedule = (waitMs: number): void => {
    clearTimeout(timer)
    if (!isEnded) timer = setTimeout(renewSafely, Math.max(0, Math.min(waitMs, LONGEST_WAIT_MS))).unref()
  }
  await renew()
  return {
    resign: () => {
      if (authority().keyPem !== signedBy) renewSafely()
    },
    stop: () => {
      isEnded = true
      clearTimeout(timer)
    },
  }
}
