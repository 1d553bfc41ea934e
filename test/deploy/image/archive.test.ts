/** An image archive says the truth about itself: every digest and size in it is that of the bytes it names. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { archive, fullName, type Layer, layerOf } from '../../../deploy/image/archive.ts'

const lower = layerOf([{ path: 'etc/lower', content: 'one' }])
const upper = layerOf([{ path: 'etc/upper', content: 'two' }])

type Blob = { digest: string; size: number }
type Manifest = { config: Blob; layers: Blob[] }

function archived(layers: readonly Layer[]) {
  const input = Buffer.concat([...archive({ name: 'lab/any:1', layers, user: '1000' })])
  const names = execFileSync('tar', ['-tf', '-'], { input, encoding: 'utf8' }).trim().split('\n')
  const read = (path: string) => execFileSync('tar', ['-xOf', '-', path], { input })
  const blob = ({ digest }: Blob) => read(`blobs/${digest.replace(':', '/')}`)
  const index = JSON.parse(read('index.json').toString()) as { manifests: (Blob & { annotations: object })[] }
  const [entry] = index.manifests
  if (entry === undefined) throw new Error('no manifest in the index')
  const manifest = JSON.parse(blob(entry).toString()) as Manifest
  return { names, blob, entry, manifest }
}

const truth = (bytes: Buffer): Blob => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  size: bytes.length,
})

describe('an image archive', () => {
  it('names every blob by its own digest and size', () => {
    const { blob, entry, manifest } = archived([lower, upper])
    for (const named of [entry, manifest.config, ...manifest.layers]) expect(named).toMatchObject(truth(blob(named)))
  })

  it('lists the same layers in the config as in the manifest, the lowest first', () => {
    const { blob, manifest } = archived([lower, upper])
    const config = JSON.parse(blob(manifest.config).toString()) as { rootfs: { diff_ids: string[] } }
    expect(config.rootfs.diff_ids).toEqual([lower.digest, upper.digest])
    expect(manifest.layers.map(({ digest }) => digest)).toEqual([lower.digest, upper.digest])
  })

  it('leaves out a layer that the reader has, and still names it', () => {
    const { digest, sizeBytes } = lower
    const { names, manifest } = archived([{ digest, sizeBytes }, upper])
    expect(names.filter((name) => name.endsWith(digest.slice('sha256:'.length)))).toEqual([])
    expect(manifest.layers).toContainEqual(expect.objectContaining({ digest, size: sizeBytes }))
  })

  it('carries the name that a pod will ask for', () => {
    expect(archived([lower]).entry.annotations).toMatchObject({ 'io.containerd.image.name': 'docker.io/lab/any:1' })
    expect(fullName('kerbside:dev')).toBe('docker.io/library/kerbside:dev')
  })
})
