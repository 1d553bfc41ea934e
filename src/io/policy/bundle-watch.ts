/** A signed policy while a program runs: a newer bundle is taken over, and anything else changes nothing and is told. */
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { type KerbsideError, toKerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { checkSuccession, type Edition } from '../../core/policy/bundle-file/succession.ts'
import { keepLooking } from '../keep-looking.ts'
import { openBundle, readBundleText } from './bundle.ts'
import { readKeysText, trustedKeys } from './bundle-keys.ts'
import { recall, remember } from './bundle-state.ts'

export type SignedPolicy = {
  readonly file: string
  /** Read again whenever it changes, and before each bundle. */
  readonly keysFile: string
  /** The lowest sequence that is taken. */
  readonly atLeast: number
  /** Where the newest sequence outlives a restart; without it, `atLeast` alone does. */
  readonly stateFile: string | undefined
}

/**
 * `onBundle` gets each bundle that is newer than all before it, and the first one; `onRefused` is told once of each
 * content that is not taken. A bundle in force stays so when its key is trusted no longer: what is refused is to load it.
 * @returns what ends the watching
 */
export function watchPolicyBundle(
  { file, keysFile, atLeast, stateFile }: SignedPolicy,
  onBundle: (bundle: Bundle, edition: Edition) => void,
  onRefused: (error: KerbsideError) => void,
): () => void {
  let inForce: Edition | undefined
  let seen = ''
  let told = ''
  let isEnded = false

  async function take(text: string, keysText: string): Promise<void> {
    const remembered = stateFile === undefined ? undefined : await recall(stateFile)
    const { payload, bundle } = await openBundle(text, await trustedKeys(keysText, keysFile))
    const { sequence, hash } = payload
    const editions = [inForce, remembered].filter((known) => known !== undefined)
    checkSuccession(payload, { atLeast, editions })
    if (inForce?.sequence === sequence) return
    if (stateFile !== undefined && remembered?.sequence !== sequence) await remember(stateFile, { sequence, hash })
    inForce = { sequence, hash }
    if (!isEnded) onBundle(bundle, inForce)
  }

  async function look(): Promise<void> {
    let content = ''
    try {
      const [text, keysText] = await Promise.all([readBundleText(file), readKeysText(keysFile)])
      content = digestOf(text, keysText)
      if (content === seen) return
      await take(text, keysText)
      seen = content
      told = ''
    } catch (thrown) {
      const error = toKerbsideError(thrown)
      // A full disk comes right without a change of content; nothing else does.
      if (error.code !== 'bundle-bad-state') seen = content
      const telling = `${content} ${error.message}`
      if (!isEnded && telling !== told) onRefused(error)
      told = telling
    }
  }

  const stop = keepLooking([dirname(file), dirname(keysFile)], look)
  return () => {
    isEnded = true
    stop()
  }
}

const digestOf = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex')
