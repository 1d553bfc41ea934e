/** The path of a WebHDFS request: percent-encoded text in, a canonical path out, decoded exactly once. */
import type { RequestReason } from '../reasons.ts'
import { type HdfsPath, parsePath, segmentsOf } from './path.ts'

/**
 * What a request points at. `path` is always the live path, the one that policy decides on: a path through a snapshot is
 * another name for it, and needs `snap-read` besides.
 */
export type Target = {
  readonly path: HdfsPath
  /** `root` is the directory that was snapshotted; no `name` when the list of its snapshots is meant. */
  readonly snapshot?: { readonly root: HdfsPath; readonly name?: string }
}

export type Refused = { readonly refuse: RequestReason }

/** What policy knows of the cluster's HDFS. */
export type Reading = {
  /** Whether it has HDFS-14423 (3.1.3, 3.2.1 and newer), and so takes `%41` in a name for what it says. */
  readonly decodesOnce?: true
}

/**
 * A target from the path part of a raw request target, after `/webhdfs/v1`; empty text is `/`.
 *
 * Two slashes in a row and one at the end are dropped, as the NameNode does (`DFSUtilClient.bytes2byteArray`). Dot
 * segments are refused and never resolved. What still looks percent-encoded after one decoding is refused, because
 * Hadoop before HDFS-14423 decoded twice, and so is a raw `;`, where it cut the path. Of a cluster that decodes once, only
 * what would be another place after a second decoding is: no honest name looks like that.
 */
export function canonicalize(raw: string, reading: Reading = {}): Target | Refused {
  if (raw !== '' && !raw.startsWith('/')) return { refuse: 'bad-target' }
  if (/[^!-~]/.test(raw)) return { refuse: 'bad-encoding' }
  if (raw.includes('#')) return { refuse: 'bad-target' }
  if (raw.includes(';')) return { refuse: 'matrix-parameter' }
  const text = decodeOnce(raw)
  return text === undefined ? { refuse: 'bad-encoding' } : canonicalizeText(text === '' ? '/' : text, reading)
}

/** A target from text that was decoded once already, such as the value of `destination`. */
export function canonicalizeText(text: string, { decodesOnce }: Reading = {}): Target | Refused {
  if (!text.startsWith('/')) return { refuse: 'relative-path' }
  const looksEncoded = /%[0-9a-f]{2}/i.test(text)
  if (looksEncoded && (decodesOnce === undefined || climbs(text))) return { refuse: 'double-encoding' }
  const segments = text.split('/').filter((segment) => segment !== '')
  const whole = parsePath(`/${segments.join('/')}`)
  if ('path' in whole) return { path: whole.path }
  return whole.problem === 'snapshot-path' ? throughSnapshot(segments) : { refuse: whole.problem }
}

/** Whether escapes in it spell a dot segment, or another name for a path. Hive escapes `/` and `:`, and never dots. */
function climbs(text: string): boolean {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_escape, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const count = (path: string, name: string) => path.split('/').filter((segment) => segment === name).length
  return ['.', '..', '.snapshot', '.reserved'].some((name) => count(decoded, name) > count(text, name))
}

/** `/data/.snapshot/s0/x` is the content that `/data/x` had; a second `.snapshot` is refused. */
function throughSnapshot(segments: readonly string[]): Target | Refused {
  const at = segments.indexOf('.snapshot')
  const root = parsePath(`/${segments.slice(0, at).join('/')}`)
  const live = parsePath(`/${[...segments.slice(0, at), ...segments.slice(at + 2)].join('/')}`)
  if ('problem' in root) return { refuse: root.problem }
  if ('problem' in live) return { refuse: live.problem }
  const name = segments[at + 1]
  return { path: live.path, snapshot: { root: root.path, ...(name === undefined ? {} : { name }) } }
}

/** Segments as HDFS is to see them, `.snapshot` included. */
export function sentSegments(target: Target): readonly string[] {
  const live = segmentsOf(target.path)
  if (target.snapshot === undefined) return live
  const depth = segmentsOf(target.snapshot.root).length
  const { name } = target.snapshot
  return [...live.slice(0, depth), '.snapshot', ...(name === undefined ? [] : [name]), ...live.slice(depth)]
}

/** The path as HDFS is to see it, not encoded. */
export function sentPath(target: Target): string {
  return `/${sentSegments(target).join('/')}`
}

/** The path part of an upstream URL, built from canonical segments and never from a client's bytes. */
export function encodePath(target: Target): string {
  return `/${sentSegments(target).map(encodeURIComponent).join('/')}`
}

/** Strict: malformed escapes, overlong forms and bytes that are not UTF-8 give nothing. */
export function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
