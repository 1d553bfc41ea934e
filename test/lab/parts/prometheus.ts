/** Prometheus and its tools, for whoever starts one: a test says what is scraped. Nothing of it runs by itself. */
import { debianPackages } from '../debian.ts'
import type { Part } from '../part.ts'

export const prometheus: Part = {
  name: 'prometheus',
  needs: [],
  isOptional: true,
  fetch: (folder, progress) => debianPackages(folder, progress, { prometheus: 'prometheus', promtool: 'prometheus' }),
  async start() {},
}
