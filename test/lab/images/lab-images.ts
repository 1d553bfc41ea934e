/** The images of the lab: what each needs, and how it is made. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, type Image, writeAll } from '../../../deploy/image/archive.ts'
import { compile } from '../../../deploy/image/compile.ts'
import { productImage } from '../../../deploy/image/product.ts'
import { fromPypi, pypiFolder } from '../build/pypi.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { PAUSE, pauseImage } from './pause.ts'
import { TRAIN, trainImage } from './train.ts'

/** The product as this checkout has it. */
export const PRODUCT = 'kerbside:dev'

/** Pause first: no pod starts without it. */
export const LAB_IMAGES = [PAUSE, TRAIN, PRODUCT] as const
export type LabImage = (typeof LAB_IMAGES)[number]

const CHECKOUT = join(import.meta.dirname, '../../..')

export async function fetchForImages(folder: LabFolder, progress: Progress): Promise<void> {
  const programs = { '/bin/busybox': 'busybox-static', '/usr/bin/curl': 'curl', '/usr/bin/python3': 'python3' }
  const kerberos = { '/usr/bin/kinit': 'krb5-user', '/usr/bin/kvno': 'krb5-user' }
  await debianPackages(folder, progress, { ...programs, ...kerberos })
  await fromPypi(folder, progress, 'clients')
}

/** Writes an image to standard output. */
export function writeImage(folder: Pick<LabFolder, 'cache'>, name: LabImage): void {
  const write = (image: Image) => writeAll(1, archive(image))
  if (name === PAUSE) write(pauseImage())
  if (name === TRAIN) write(trainImage(pypiFolder(folder, 'clients')))
  if (name === PRODUCT) withCompiled((compiled) => write(productImage(PRODUCT, { root: CHECKOUT, compiled })))
}

function withCompiled(work: (compiled: string) => void): void {
  const compiled = mkdtempSync(join(tmpdir(), 'kerbside-compiled-'))
  try {
    compile(CHECKOUT, compiled)
    work(compiled)
  } finally {
    rmSync(compiled, { recursive: true, force: true })
  }
}
