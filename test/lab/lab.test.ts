/** What the lab promises to everything that is tested in it. Runs inside, with dns, kdc, hdfs and data. */
import { execFile } from 'node:child_process'
import { lookup, Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { HOSTS } from './addresses.ts'
import { LabError } from './errors.ts'
import { attach } from './lab.ts'
import { connects } from './probe.ts'

const run = promisify(execFile)
const lab = attach() ?? fail()
const SOURCE = join(import.meta.dirname, '../../node_modules/vega-datasets/data')

function fail(): never {
  throw new LabError('these tests run inside a lab', '`npm run lab -- run -- npx vitest run --project lab`')
}

/** One request by curl as a team; without one, with no ticket at all. Resolves with status and body. */
async function curl(
  url: string,
  team?: string,
  args: readonly string[] = [],
): Promise<{ status: number; body: string }> {
  const spnego = team === undefined ? [] : ['--negotiate', '-u', ':']
  const env = { ...process.env, KRB5CCNAME: `FILE:/run/${team}.ccache` }
  const common = ['-sS', '-L', '--cacert', lab.files.authority, '-w', '\n%{http_code}', ...spnego, ...args, url]
  const { stdout } = await run('curl', common, { env, maxBuffer: 16 << 20 })
  const at = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) }
}

const webHdfs = (host: string, path: string, query: string) => `https://${host}:9871/webhdfs/v1${path}?op=${query}`
const exception = (body: string) =>
  (JSON.parse(body) as { RemoteException: { exception: string } }).RemoteException.exception

beforeAll(async () => {
  for (const team of ['quant', 'climate']) {
    await run('kinit', ['-k', '-t', lab.files.keytab(team), '-c', `/run/${team}.ccache`, team])
  }
})

describe('the namespace', () => {
  test.for(['192.0.2.1', '10.1.2.3', '1.1.1.1'])('has no route to %s', async (host) => {
    const code = await new Promise((resolve) => {
      const socket = createConnection({ host, port: 443 })
      socket.on('connect', () => resolve('connected'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    expect(code).toBe('ENETUNREACH')
  })

  test('resolves its own names, and no others', async () => {
    expect((await lookup('nn1.lab')).address).toBe(HOSTS['nn1.lab'])
    await expect(lookup('example.org')).rejects.toThrow('ENOTFOUND')
  })

  test('answers pods by DNS, forwards and backwards, and denies what it does not know', async () => {
    const resolver = new Resolver({ timeout: 2000, tries: 1 })
    resolver.setServers([HOSTS['dns.lab']])
    expect(await resolver.resolve4('nn1.lab')).toEqual([HOSTS['nn1.lab']])
    const reversed = HOSTS['dn2.lab'].split('.').reverse().join('.')
    expect(await resolver.resolvePtr(`${reversed}.in-addr.arpa`)).toEqual(['dn2.lab'])
    await expect(resolver.resolve4('nn3.lab')).rejects.toThrow('ENOTFOUND')
    await expect(resolver.resolve6('nn1.lab')).rejects.toThrow('ENODATA')
  })
})

describe('the KDC', () => {
  test('gives a ticket for a keytab', async () => {
    const { stdout } = await run('klist', ['-c', '/run/quant.ccache'])
    expect(stdout).toContain('Default principal: quant@LAB')
  })

  test('gives none for a name without its key', async () => {
    const asClimate = run('kinit', ['-k', '-t', lab.files.keytab('quant'), '-c', '/run/none.ccache', 'climate'])
    await expect(asClimate).rejects.toThrow('no suitable keys')
  })

  test('leaves keytabs to root alone', async () => {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'cat', lab.files.keytab('quant')]
    await expect(run('setpriv', nobody)).rejects.toThrow('Permission denied')
  })
})

describe('HDFS', () => {
  test('has one NameNode that answers and one that stands by', async () => {
    expect((await curl(webHdfs('nn1.lab', '/', 'LISTSTATUS'), 'quant')).status).toBe(200)
    const standby = await curl(webHdfs('nn2.lab', '/', 'LISTSTATUS'), 'quant')
    expect([standby.status, exception(standby.body)]).toEqual([403, 'StandbyException'])
  })

  test('speaks HTTPS only, by the authority of the lab', async () => {
    for (const [host, plain, secure] of [
      ['nn1.lab', 9870, 9871],
      ['nn2.lab', 9870, 9871],
      ['dn1.lab', 9864, 9865],
      ['dn2.lab', 9864, 9865],
    ] as const) {
      expect([host, await connects(host, plain), await connects(host, secure)]).toEqual([host, false, true])
    }
    await expect(run('curl', ['-sS', webHdfs('nn1.lab', '/', 'LISTSTATUS')])).rejects.toThrow('certificate')
  })

  test.for(['LISTSTATUS', 'LISTSTATUS&user.name=hdfs', 'LISTSTATUS&doas=hdfs'])(
    'refuses %s without a ticket',
    async (query) => {
      expect((await curl(webHdfs('nn1.lab', '/', query))).status).toBe(401)
    },
  )

  test('lets quant read the data of climate: what refuses that is Kerbside, not HDFS', async () => {
    const { status, body } = await curl(webHdfs('nn1.lab', '/data/weather/weather.csv', 'OPEN'), 'quant')
    expect(status).toBe(200)
    expect(body).toBe(readFileSync(join(SOURCE, 'weather.csv'), 'utf8'))
  })

  test('lets quant write at home and nowhere else', async () => {
    const put = (path: string) =>
      curl(webHdfs('nn1.lab', path, 'CREATE&overwrite=true'), 'quant', [
        '-X',
        'PUT',
        '--data-binary',
        'x',
        '-H',
        'content-type: application/octet-stream',
      ])
    expect((await put('/team/quant/x')).status).toBe(201)
    for (const path of ['/team/climate/x', '/data/weather/x', '/data/market-restricted/x', '/x']) {
      const { status, body } = await put(path)
      expect([path, status, exception(body)]).toEqual([path, 403, 'AccessControlException'])
    }
  })

  test('has a snapshot of the market data', async () => {
    const path = '/data/market/.snapshot/loaded/stocks.csv'
    const { body } = await curl(webHdfs('nn1.lab', path, 'OPEN'), 'quant')
    expect(body).toBe(readFileSync(join(SOURCE, 'stocks.csv'), 'utf8'))
  })
})

describe('a fault', () => {
  test('takes a DataNode away and gives it back', async () => {
    await lab.stop('dn2', 'SIGKILL')
    expect(await connects('dn2.lab', 9865)).toBe(false)
    await lab.start('dn2')
    expect(await connects('dn2.lab', 9865)).toBe(true)
  })

  test('freezes the KDC: it takes connections and answers nothing', async () => {
    await lab.freeze('kdc')
    const asked = run('kinit', ['-k', '-t', lab.files.keytab('quant'), '-c', '/run/none.ccache', 'quant'], {
      timeout: 1500,
    })
    await expect(asked).rejects.toMatchObject({ killed: true })
    expect(await connects('kdc.lab', 88)).toBe(true)
    await lab.thaw('kdc')
    await run('kinit', ['-k', '-t', lab.files.keytab('quant'), '-c', '/run/again.ccache', 'quant'])
  })
})
