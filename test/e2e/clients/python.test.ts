/** The HDFS clients of Python, each by a program beside this file that its users could have written. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jarsInOrder } from '../../lab/build/hadoop.ts'
import { javaHome, libhdfsFolder } from '../../lab/build/libhdfs.ts'
import { pypiFolder } from '../../lab/build/pypi.ts'
import { CLIENTS } from './clients-table.ts'
import { type Container, container } from './container.ts'
import { expectRow } from './told.ts'

let inside: Container
beforeAll(async () => {
  inside = await container('python')
})
afterAll(() => inside.stop())

const packages = () => pypiFolder(inside.standing.lab.folder, 'python-clients')

test.each([
  ['fsspec_pandas.py', CLIENTS.fsspec],
  ['hdfscli.py', CLIENTS.hdfscli],
  ['pyhdfs_client.py', CLIENTS.pyhdfs],
  ['opendal_client.py', CLIENTS.opendal],
  ['pywebhdfs_client.py', CLIENTS.pywebhdfs],
  ['smart_open_client.py', CLIENTS.smartOpen],
] as const)(
  '%s does all of its row, and its user reads why it is refused',
  { timeout: 180_000 },
  async (program, row) => {
    expectRow(await inside.python(program, packages()), row)
  },
)

test('pyarrow finds libhdfs, and the nameservice, as in an image with Hadoop', { timeout: 180_000 }, async () => {
  const { folder } = inside.standing.lab
  const env = {
    JAVA_HOME: javaHome(),
    ARROW_LIBHDFS_DIR: inside.see(libhdfsFolder(folder)),
    // As `hadoop classpath --glob` prints it.
    CLASSPATH: [inside.hadoopConf, ...jarsInOrder(folder).map(inside.see)].join(':'),
  }
  const output = await inside.python('libhdfs.py', packages(), { env })
  expectRow(output, CLIENTS.libhdfs)
  // libhdfs hands on a number; the sentence is in what its JVM prints.
  expect(output).toContain('quant-research may not read /data/weather/weather.csv: the path is in no dataset')
})
