/** Mistakes that would let something past, each as a change to one file of the product. */

export type Weakening = { readonly file: string; change(source: string): string }

const swap = (file: string, from: string | RegExp, to: string): Weakening => ({
  file,
  change: (source) => source.replace(from, to),
})

/** Matches prefixes of text, where prefixes of whole path components are meant. */
const SIBLINGS = `export function find(segments: Segments, path: HdfsPath): number {
  for (let end = path.length; end > 1; end -= 1) {
    const node = findWhole(segments, path.slice(0, end) as HdfsPath)
    if (node >= 0) return end === path.length ? node : ~node
  }
  return findWhole(segments, path)
}
function findWhole(`

export const WEAKENINGS: ReadonlyMap<string, Weakening> = new Map([
  // The check sees `/fuzz/home/../other`, the NameNode's `new Path` sees `/fuzz/other`.
  ['dot-segments', swap('src/core/hdfs/path.ts', "segments.includes('.') || segments.includes('..')", 'false')],
  // Hadoop 3.2.0 decodes what is left once more.
  ['double-decode', swap('src/core/hdfs/target.ts', '/%[0-9a-f]{2}/i.test(text)', 'false')],
  ['reserved', swap('src/core/hdfs/path.ts', "segments[0] === '.reserved'", 'false')],
  ['snapshot', swap('src/core/hdfs/path.ts', "segments.includes('.snapshot')", 'false')],
  ['sibling-prefix', swap('src/core/policy/decision/segments.ts', 'export function find(', SIBLINGS)],
  ['subtree', swap('src/core/hdfs/demands.ts', "scope: 'subtree'", "scope: 'this'")],
  ['listing', swap('src/core/hdfs/listing.ts', 'isVisible(needsOf(child, directory))', 'true')],
  [
    'sources',
    swap(
      'src/core/hdfs/demands.ts',
      'const sources = sourcesOf(parameters)',
      'const sources = sourcesOf(parameters).slice(0, 1)',
    ),
  ],
  ['block-tokens', swap('src/core/hdfs/answers/block-locations.ts', 'only(block, OF_ONE)', 'block')],
  ['second-path', swap('src/core/hdfs/demands.ts', 'const to = destination ?? ROOT', 'const to = path')],
])
