/** The one interface to secret stores. Each store is one file under secret-stores/. */

/** `path` is the store's own path, `hdfs/quant-research`; `key` one entry below it, `keytab`. */
export type SecretRef = { readonly path: string; readonly key: string }

export type Secret = {
  readonly bytes: Uint8Array
  /** Changes when the secret changes, and only then, for as long as the store is the same object. Nothing about the bytes can be learned from it. */
  readonly version: string
  /** Milliseconds since the epoch; absent when it does not expire. */
  readonly expiresAt?: number
}

export type SecretStore = {
  /**
   * @throws KerbsideError with one of the `secret-…` codes, never another; its message never holds a secret.
   */
  fetch(ref: SecretRef, signal: AbortSignal): Promise<Secret>
  /** Gives back what it logged in with. Never throws. */
  close(): Promise<void>
}
