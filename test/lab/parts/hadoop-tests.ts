/** Hadoop's own tests, for whoever puts them to HDFS and to us. Nothing of it runs by itself. */
import { hadoopTests } from '../build/hadoop-tests.ts'
import type { Part } from '../part.ts'

export const hadoopTestsPart: Part = {
  name: 'hadoop-tests',
  needs: ['data'],
  fetch: hadoopTests,
  async start() {},
}
