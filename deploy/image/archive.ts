/** Writes an image without a container tool: a docker-archive with one layer, as `ctr images import` reads it. */
import { createHash, type Hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { END, type Entry, member, tar, tarBytes } from './tar.ts'

export type Image = {
  /** For instance `lab/train:1`. */
  readonly name: string
  readonly entries: readonly Entry[]
  readonly entrypoint?: readonly string[]
  readonly env?: readonly string[]
  readonly user?: string
  readonly workdir?: string
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The archive in one pass: the layer first, then the config that names its hash, then `manifest.json` (Docker image specification v1.2). */
export function* archive(image: Image): Generator<Buffer> {
  const hash = createHash('sha256')
  const layer = 'layer.tar'
  yield* member({ path: layer }, tarBytes(image.entries), hashed(tar(image.entries), hash))

  const config = Buffer.from(JSON.stringify(configOf(image, hash.digest('hex'))))
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`
  yield* member({ path: configName }, config.length, [config])

  const manifest = Buffer.from(JSON.stringify([{ Config: configName, RepoTags: [image.name], Layers: [layer] }]))
  yield* member({ path: 'manifest.json' }, manifest.length, [manifest])
  yield END
}

/** Writes all of it to an open file or pipe. */
export function writeAll(out: number, pieces: Iterable<Buffer>): void {
  for (const piece of pieces) {
    for (let done = 0; done < piece.length; ) done += writeSync(out, piece, done)
  }
}

function* hashed(pieces: Iterable<Buffer>, hash: Hash): Generator<Buffer> {
  for (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}

function configOf(image: Image, layerSha256: string): unknown {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Env: image.env ?? ['PATH=/usr/bin:/bin'],
      User: image.user,
      WorkingDir: image.workdir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerSha256}`] },
  }
}
