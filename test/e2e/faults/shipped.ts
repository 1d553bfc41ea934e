/** The sidecar as it is shipped: bundled, so that two dozen of them have room on one machine. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../../../deploy/image/bundle.ts'
import { ROOT } from '../../suite.ts'

// Inside the checkout, so that it finds the packages.
const FOLDER = join(ROOT, 'dist', `shipped-${process.pid}`)

/** What starts `kerbside`. */
export const SHIPPED: readonly string[] = [process.execPath, join(FOLDER, 'src/kerbside.js')]

export const ship = (): Promise<void> => bundle(ROOT, FOLDER)
export const unship = (): void => rmSync(FOLDER, { recursive: true, force: true })
