/** Writes an image without a container tool: a tar of an OCI image layout, as `ctr images import` and `docker load` read it. */
import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { END, type Entry, member, tar } from './tar.ts'

/** A layer, uncompressed, so that its digest is its diff ID as well. */
export type Layer = {
  /** `sha256:…` of its tar. */
  readonly digest: string
  readonly sizeBytes: number
  /** Absent when whoever reads the archive has the layer already. */
  readonly pieces?: () => Iterable<Buffer>
}

export type Image = {
  /** For instance `lab/train:1`. */
  readonly name: string
  /** The lowest first. */
  readonly layers: readonly Layer[]
  readonly entrypoint?: readonly string[]
  readonly env?: readonly string[]
  readonly user?: string
  readonly workdir?: string
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }
const MEDIA = 'application/vnd.oci.image'

/** Reads every file once for the digest; {@link archive} reads them again, so that no layer is held in memory. */
export function layerOf(entries: readonly Entry[]): Layer {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for (const piece of tar(entries)) {
    hash.update(piece)
    sizeBytes += piece.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes, pieces: () => tar(entries) }
}

/** OCI Image Format Specification v1.0: index, manifest, config, and the layers that have their bytes with them. */
export function* archive(image: Image): Generator<Buffer> {
  const config = json(configOf(image))
  const layers = image.layers.map(({ digest, sizeBytes }) => ({
    mediaType: `${MEDIA}.layer.v1.tar`,
    digest,
    size: sizeBytes,
  }))
  const manifest = json({
    schemaVersion: 2,
    config: { mediaType: `${MEDIA}.config.v1+json`, ...describe(config) },
    layers,
  })
  const named = { 'io.containerd.image.name': fullName(image.name), 'org.opencontainers.image.ref.name': image.name }
  const entry = { mediaType: `${MEDIA}.manifest.v1+json`, ...describe(manifest), annotations: named }

  yield* file('oci-layout', json({ imageLayoutVersion: '1.0.0' }))
  yield* file('index.json', json({ schemaVersion: 2, manifests: [entry] }))
  yield* file(blobPath(describe(manifest).digest), manifest)
  yield* file(blobPath(describe(config).digest), config)
  for (const { digest, sizeBytes, pieces } of image.layers) {
    if (pieces !== undefined) yield* member({ path: blobPath(digest) }, sizeBytes, pieces())
  }
  yield END
}

/** Writes all of it, as fast as it is read: a pipe takes no more at once than fits into it. */
export async function writeAll(out: Writable, pieces: Iterable<Buffer>): Promise<void> {
  await pipeline(Readable.from(pieces), out, { end: false })
}

/** What a container runtime makes of a name without a registry. */
export function fullName(name: string): string {
  return name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`
}

function configOf(image: Image): unknown {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Env: image.env ?? ['PATH=/usr/bin:/bin'],
      User: image.user,
      WorkingDir: image.workdir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => digest) },
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const describe = (blob: Buffer) => ({
  digest: `sha256:${createHash('sha256').update(blob).digest('hex')}`,
  size: blob.length,
})

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`

const file = (path: string, body: Buffer): Generator<Buffer> => member({ path }, body.length, [body])
