/** Keeps a server in a valid certificate: a first leaf now, the next at two thirds of each one's life, without a restart. */
import { type Authority, issueLeaf, type Leaf } from './certificates.ts'

const RETRY_MS = 60_000

export type KeepLeafOptions = {
  readonly authority: Authority
  readonly names: readonly [string, ...string[]]
  /** Given each new leaf, at once; `https.Server.setSecureContext` takes it. */
  readonly use: (leaf: Leaf) => void
  /** Told why a leaf could not be renewed; it is tried again every minute. */
  readonly onProblem: (thrown: unknown) => void
}

/** Resolves when the first leaf is in use, with what ends the renewal. */
export async function keepLeaf({ authority, names, use, onProblem }: KeepLeafOptions): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined
  let isEnded = false
  const renew = async (): Promise<void> => {
    const leaf = await issueLeaf(authority, names, Date.now())
    if (isEnded) return
    use(leaf)
    schedule(leaf.renewAt - Date.now())
  }
  const schedule = (waitMs: number): void => {
    timer = setTimeout(() => {
      renew().catch((thrown: unknown) => {
        onProblem(thrown)
        schedule(RETRY_MS)
      })
    }, waitMs).unref()
  }
  await renew()
  return () => {
    isEnded = true
    clearTimeout(timer)
  }
}
