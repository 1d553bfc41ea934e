/** Debian's Chromium, driven from here: installed where it is not there and we are root. */
import { type Browser, chromium } from 'playwright-core'
import { debianPackages } from '../lab/debian.ts'
import { labFolder } from '../lab/folder.ts'

const PATH = '/usr/bin/chromium'

export async function startChromium(): Promise<Browser> {
  const quiet = { step: (_: string, work: () => Promise<void>) => work(), note: () => {} }
  await debianPackages(labFolder('browser'), quiet as never, {
    [PATH]: 'chromium',
    '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf': 'fonts-dejavu-core',
  })
  // Its own sandbox does not start as root; the pages that it is shown are ours.
  return chromium.launch({ executablePath: PATH, args: ['--no-sandbox', '--disable-dev-shm-usage'], timeout: 120_000 })
}
