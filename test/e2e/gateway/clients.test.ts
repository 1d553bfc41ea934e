/** Clients as they are, each in its own way of speaking WebHDFS: what they read, write, and are refused. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientConfiguration } from '../../../src/core/hadoop/client-configuration.ts'
import { pypiFolder } from '../../lab/build/pypi.ts'
import { java } from '../../lab/java.ts'
import { attach } from '../../lab/lab.ts'
import { type Standing, standHere } from './standing.ts'

const run = promisify(execFile)
const FOLDER = '/team/quant/e2e-clients'

let standing: Standing
let scratch: string
beforeAll(async () => {
  standing = await standHere()
  scratch = mkdtempSync(join(tmpdir(), 'clients-'))
  writeFileSync(join(scratch, 'note'), 'hello from a file\n')
})
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await standing.stop()
  rmSync(scratch, { recursive: true })
})
beforeEach(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  standing.audit.entries.length = 0
})

const inHdfs = async (name: string) => (await standing.direct('GET', `${FOLDER}/${name}?op=OPEN`)).body.toString()
/** Whatever a command prints, also when it fails. */
const said = async (file: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const ended = await run(file, words, { env: { ...process.env, ...env } }).catch((failed) => failed)
  return `${ended.stdout}${ended.stderr}`
}

test('curl -L -T uploads in one command, and -L reads', async () => {
  const note = join(scratch, 'note')
  const put = `${standing.base}${FOLDER}/curl?op=CREATE&overwrite=true`
  expect(await said('curl', ['-sS', '-L', '-T', note, put, '-w', '%{http_code}'])).toBe('201')
  expect(await said('curl', ['-sS', '-L', `${standing.base}${FOLDER}/curl?op=OPEN`])).toBe('hello from a file\n')
  const append = `${standing.base}${FOLDER}/curl?op=APPEND`
  expect(await said('curl', ['-sS', '-L', '-X', 'POST', '-T', note, append, '-w', '%{http_code}'])).toBe('200')
  expect(await inHdfs('curl')).toBe('hello from a file\n'.repeat(2))
  expect(await said('curl', ['-sS', '-L', '-T', note, `${standing.base}/data/market/x?op=CREATE`])).toContain(
    '(no-grant)',
  )
})

describe('npm webhdfs', () => {
  type Callback<T> = (error: Error | null, value: T) => void
  type Client = {
    readdir(path: string, callback: Callback<{ pathSuffix: string }[]>): void
    mkdir(path: string, callback: Callback<unknown>): void
    writeFile(path: string, data: string, callback: Callback<unknown>): void
    appendFile(path: string, data: string, callback: Callback<unknown>): void
    readFile(path: string, callback: Callback<Buffer>): void
    rename(from: string, to: string, callback: Callback<unknown>): void
    unlink(path: string, recursive: boolean, callback: Callback<unknown>): void
  }
  const client = (): Client =>
    createRequire(import.meta.url)('webhdfs').createClient({
      user: 'somebody',
      host: '127.0.0.1',
      port: standing.gateway.port,
      path: '/webhdfs/v1',
    })
  const ask = <T>(call: (client: Client, callback: Callback<T>) => void) =>
    new Promise<T>((resolve, reject) => call(client(), (error, value) => (error ? reject(error) : resolve(value))))

  test('lists, writes, appends, reads, renames and deletes', async () => {
    const listed = await ask<{ pathSuffix: string }[]>((it, done) => it.readdir('/data', done))
    expect(listed.map(({ pathSuffix }) => pathSuffix)).toEqual(['market'])
    await ask((it, done) => it.mkdir(FOLDER, done))
    await ask((it, done) => it.writeFile(`${FOLDER}/npm`, 'one', done))
    await ask((it, done) => it.appendFile(`${FOLDER}/npm`, ' two', done))
    expect(String(await ask((it, done) => it.readFile(`${FOLDER}/npm`, done)))).toBe('one two')
    await ask((it, done) => it.rename(`${FOLDER}/npm`, `${FOLDER}/renamed`, done))
    expect(await inHdfs('renamed')).toBe('one two')
    await ask((it, done) => it.unlink(FOLDER, true, done))
  })

  test('shows its user the sentence of a refusal', async () => {
    await expect(ask((it, done) => it.readdir('/data/weather', done))).rejects.toThrow(
      'quant-research may not list /data/weather',
    )
  })
})

const clients = pypiFolder(attach()?.folder ?? { cache: '/nowhere' }, 'clients')
const python = (script: string) => said('python3', ['-c', script], { PYTHONPATH: clients })

describe.skipIf(!existsSync(clients))('Python fsspec', () => {
  const with_ = (script: string) =>
    python(
      `import fsspec\nfs = fsspec.filesystem("webhdfs", host="127.0.0.1", port=${standing.gateway.port})\n${script}`,
    )

  test('lists, writes in blocks to one URL, and reads parts', async () => {
    const output = await with_(`
print([entry["name"] for entry in fs.ls("/data", detail=True)])
with fs.open("${FOLDER}/fsspec", "wb", block_size=1 << 20) as file:
    for _ in range(5): file.write(b"x" * (1 << 20))
print(fs.info("${FOLDER}/fsspec")["size"])
with fs.open("/data/market/stocks.csv", "rb") as file:
    file.seek(7)
    print(file.read(5))
fs.mv("${FOLDER}/fsspec", "${FOLDER}/moved")
print(fs.exists("${FOLDER}/fsspec"), fs.exists("${FOLDER}/moved"))
fs.rm("${FOLDER}", recursive=True)
`)
    const stocks = (await standing.direct('GET', '/data/market/stocks.csv?op=OPEN')).body.toString()
    expect(output.trim().split('\n')).toEqual([
      "['/data/market']",
      String(5 << 20),
      `b'${stocks.slice(7, 12)}'`,
      'False True',
    ])
  })

  test('raises PermissionError with the sentence, and FileNotFoundError', async () => {
    const output = await with_(`
for path in ["/data/weather/weather.csv", "/data/market/nothing"]:
    try: fs.cat(path)
    except Exception as error: print(type(error).__name__, error)
`)
    expect(output).toMatch(/PermissionError .*quant-research may not /)
    expect(output).toContain('FileNotFoundError')
  })
})

describe("Hadoop's own shell, with the configuration that the sidecar writes and the URIs from before", () => {
  beforeAll(() => {
    const files = clientConfiguration({ nameservice: 'lab', gatewayPort: standing.gateway.port })
    writeFileSync(join(scratch, 'core-site.xml'), files.get('hadoop/core-site.xml') ?? '')
  })
  const shell = (...words: string[]) => {
    const program = { name: 'fs-shell', main: 'org.apache.hadoop.fs.FsShell', args: words, conf: [scratch] }
    const [file, ...args] = java(standing.lab.folder, program)
    return said(file, args)
  }

  test('puts a file, and reads it', { timeout: 180_000 }, async () => {
    const path = `/team/quant/shell-${Date.now()}`
    expect(await shell('-put', join(scratch, 'note'), `hdfs://lab${path}`)).not.toMatch(/Exception|put:/)
    expect(await shell('-cat', `hdfs://lab${path}`)).toContain('hello from a file\n')
    expect(standing.audit.lines).toContain(`start RENAME ${path}._COPYING_ to ${path} allow granted`)
    await standing.direct('DELETE', `${path}?op=DELETE`)
  })

  test('prints the sentence of a refusal', { timeout: 90_000 }, async () => {
    const output = await shell('-ls', 'hdfs://lab/data/weather')
    expect(output).toContain('quant-research may not stat /data/weather: the path is in no dataset')
  })
})
