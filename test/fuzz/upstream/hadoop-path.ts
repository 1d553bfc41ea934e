/** Paths as Hadoop reads them, on the NameNode, on DataNodes and in releases that had holes: each reading counts. */

export type HadoopPath = {
  /** The live path that is meant, without dots, `.snapshot` and `.reserved`. */
  readonly path: string
  readonly isInSnapshot: boolean
}

/**
 * Every way in which some release reads the path of a URL. Jersey and netty decode once; from HDFS-13176 to HDFS-14423 it
 * was decoded again, and cut at a raw `;`. Dot segments are resolved by HttpFS.
 *
 * @param inodeNames paths by inode, for `/.reserved/.inodes/ID`
 */
export function readingsOf(raw: string, inodeNames: ReadonlyMap<number, string>): readonly HadoopPath[] {
  const once = decode(raw)
  const texts = [once, decode(once), decode(raw.split(';')[0] ?? '')]
  return [...new Set(texts)].map((text) => resolve(text, inodeNames))
}

/** Of text that is decoded already, such as `destination`, which `new Path` resolves. */
export function resolve(text: string, inodeNames: ReadonlyMap<number, string>): HadoopPath {
  // Before dots are resolved: the parent of an inode is that of the file, not `.inodes`.
  const given = text.split('/').filter((segment) => segment !== '')
  if (given[0] === '.reserved' && given[1] === '.inodes') {
    const name = inodeNames.get(Number(given[2])) ?? '/.reserved/unknown'
    return resolve(`${name}/${given.slice(3).join('/')}`, inodeNames)
  }
  const segments = withoutDots(given)
  if (segments[0] === '.reserved' && segments[1] === 'raw') return resolve(segments.slice(2).join('/'), inodeNames)
  if (segments[0] === '.reserved' && given[0] !== '.reserved') return resolve(segments.join('/'), inodeNames)
  const at = segments.indexOf('.snapshot')
  if (at < 0) return { path: `/${segments.join('/')}`, isInSnapshot: false }
  return { path: `/${[...segments.slice(0, at), ...segments.slice(at + 2)].join('/')}`, isInSnapshot: true }
}

function withoutDots(segments: readonly string[]): string[] {
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return kept
}

/** As Java does it: what is no escape stays, what is no UTF-8 becomes U+FFFD. */
function decode(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const plain = bytes.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1').toString('utf8')
}
