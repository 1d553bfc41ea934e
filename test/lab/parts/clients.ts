/** The clients that users have, for whoever runs them: fetched as their users fetch them. Nothing of it runs by itself. */

import { distcpJars, hadoopJars } from '../build/hadoop.ts'
import { buildLibhdfs } from '../build/libhdfs.ts'
import { fromPypi } from '../build/pypi.ts'
import { hdfscliTests } from '../build/suites.ts'
import { debianPackages } from '../debian.ts'
import type { Part } from '../part.ts'

export const clients: Part = {
  name: 'clients',
  needs: ['data'],
  isOptional: true,
  /** Two Sparks are most of it: 850 MB to fetch, once per machine. */
  async fetch(folder, progress) {
    await Promise.all([
      debianPackages(folder, progress, { curl: 'curl', setpriv: 'util-linux' }),
      hadoopJars(folder, progress),
      distcpJars(folder, progress),
      buildLibhdfs(folder, progress),
      fromPypi(folder, progress, 'python-clients'),
      fromPypi(folder, progress, 'suites'),
      hdfscliTests(folder, progress),
      fromPypi(folder, progress, 'spark-4'),
      fromPypi(folder, progress, 'spark-3'),
    ])
  },
  async start() {},
}
