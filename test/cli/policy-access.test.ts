/** `policy who-can`, `what-can` and `diff` as a person runs them, on the example in `policies/` and on edits of it. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRevision } from '../../src/cli/policy/compare/revision.ts'
import { openPolicy } from '../../src/cli/policy/source.ts'
import { runCli } from './run-cli.ts'

const root = join(import.meta.dirname, '../..')
const example = join(root, 'policies')
const policy = (...args: string[]) => runCli(['policy', ...args])
let folder = ''
let edited = ''

function edit(file: string, was: string, is: string): void {
  const path = join(edited, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(was)
  writeFileSync(path, text.replace(was, is))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-access-'))
  edited = join(folder, 'edited')
  cpSync(example, edited, { recursive: true })
  edit('quant/grants.yaml', 'datasets: [market]', 'datasets: [market, orders-history]')
  edit('quant/grants.yaml', '2031-01-01', '2030-01-01')
  edit('wall/grants.yaml', 'teams: [quant, climate]', 'teams: [climate]')
  edit('trading/datasets.yaml', 'largestFile: 1Gi', 'largestFile: 2Gi')
  edit('fraud/identities.yaml', '[trainer]', '[trainer, notebook]')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('who-can', () => {
  test('names teams, lines, hours and pods', async () => {
    const { code, out } = await policy(
      'who-can',
      'read',
      '/data/orders-history/x',
      example,
      '--at',
      '2027-01-31T23:00:00Z',
    )
    expect(code).toBe(0)
    expect(out).toMatch(
      /^yes +platform +all +lab: orders-history +always +loader-fills-market \(platform\/grants.yaml:2\)/m,
    )
    // A Sunday.
    expect(out).toMatch(/^later +trading .* mon-fri 19:00-07:00 Europe\/Zurich, with bank.example\/workload=backtest/m)
    expect(out).not.toContain('quant')
  })

  test('ends with 1 where nobody may', async () => {
    expect(await policy('who-can', 'delete', '/team/quant', example)).toMatchObject({
      code: 1,
      out: 'nobody may delete /team/quant\n',
    })
    expect((await policy('who-can', 'delete', '/team/quant/x', example, '--subtree')).code).toBe(0)
  })

  test('refuses a path that no request may have, an unknown cluster, and an unknown action', async () => {
    expect(await policy('who-can', 'read', '/data/../team', example)).toMatchObject({ code: 2, out: '' })
    expect(await policy('who-can', 'read', '/data', example, '--cluster', 'lap')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean `lab`?'),
    })
    expect(await policy('who-can', 'raed', '/data', example)).toMatchObject({ code: 2 })
  })

  test('speaks JSON', async () => {
    const { out } = await policy(
      'who-can',
      'read',
      '/trading/orders/x',
      example,
      '--output',
      'json',
      '--cluster',
      'trading',
    )
    expect(JSON.parse(out).who).toMatchObject([
      { team: 'risk', standing: 'now', allows: [{ name: 'control-reads-orders' }] },
      { team: 'trading', standing: 'now' },
    ])
  })
})

describe('what-can', () => {
  test('has a line for each place, what is denied among them', async () => {
    const { code, out } = await policy('what-can', 'quant', example)
    expect(code).toBe(0)
    expect(out).toMatch(
      /^quant +lab: risk-scenarios +\/data\/risk\/scenarios\/released +allow +read +until 2031-01-01T00:00:00Z/m,
    )
    expect(out).toMatch(
      /^quant +lab: orders-history +\/data\/orders-history +deny +all +always +research-never-sees-trading/m,
    )
  })

  test('takes an identity instead of a team', async () => {
    const { out } = await policy('what-can', '--identity', 'trading-backtest', example, '--output', 'markdown')
    expect(out).toContain('| trading-backtest | lab: orders-history | /data/orders-history | allow | read |')
    expect((await policy('what-can', 'qant', example)).err).toContain('did you mean `quant`?')
    expect((await policy('what-can')).code).toBe(2)
  })
})

describe('diff', () => {
  test('says what was gained before what was lost, then what else changed', async () => {
    const { code, out } = await policy('diff', example, edited)
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines[1]).toMatch(
      /^\+ +quant +read +lab: orders-history \/data\/orders-history +never +always +quant-reads-market/,
    )
    expect(lines[2]).toMatch(/^- +quant +read .* until 2031-01-01T00:00:00Z +until 2030-01-01T00:00:00Z/)
    expect(lines[3]).toBe('! pods that may be fraud-detection: now notebook in ml-fraud')
    expect(lines[4]).toMatch(/^! limits of trading-home: was files up to 1Gi.*, is files up to 2Gi/)
    expect(lines.at(-2)).toBe(`${example} → ${edited}: 1 gained, 1 lost, 2 beside access`)
  })

  test('is coloured on a terminal only', async () => {
    const { out } = await runCli(['policy', 'diff', example, edited], true)
    expect(out).toContain('\u001b[32m+')
    expect(out).toContain('\u001b[31m-')
    expect((await policy('diff', example, edited)).out).not.toContain('\u001b')
  })

  test('ends with 1 only when asked to, and only when something changed', async () => {
    expect((await policy('diff', example, edited, '--exit-code')).code).toBe(1)
    expect(await policy('diff', example, example, '--exit-code')).toMatchObject({
      code: 0,
      out: expect.stringContaining('nobody may do more or less'),
    })
  })

  test('in Markdown takes nothing of the policy for markup', async () => {
    const named = join(folder, 'a|b*c')
    cpSync(edited, named, { recursive: true })
    const { out } = await policy('diff', example, named, '--output', 'markdown')
    expect(out).toContain('a&#124;b&#42;c')
    expect(out.split('\n').filter((line) => line.startsWith('| quant'))).toHaveLength(2)
    expect(out.indexOf('#### Gained')).toBeLessThan(out.indexOf('#### Lost'))
  })

  test('in JSON gives a witness that explain agrees with', async () => {
    const { access } = JSON.parse((await policy('diff', example, edited, '--output', 'json')).out)
    const { identity, path, action, time } = access[0].witness
    const asked = ['explain', '--identity', identity, '--path', path, '--action', action, '--at', time]
    expect((await policy(...asked, example)).code).toBe(1)
    expect((await policy(...asked, edited)).code).toBe(0)
  })
})

describe('a policy in git', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: edited,
      stdio: 'pipe',
      encoding: 'utf8',
    })

  test('is read from its objects, and not from the working tree', async () => {
    const rev = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
    const { bundle, name } = await openPolicy(`git:${rev}:${example}`)
    expect(name).toContain(rev)
    expect(bundle.grants.length).toBeGreaterThan(5)
    expect((await policy('diff', rev, example, '--path', example)).code).toBe(0)
  })

  test('refuses what could be an option, a range, or another object', async () => {
    for (const name of [
      '--help',
      '-h',
      '--output=/x',
      '',
      'HEAD..HEAD~1',
      'HEAD --all',
      '^HEAD',
      'HEAD:policies',
      'HEAD\n--all',
    ]) {
      await expect(readRevision({ name, path: 'policies' }), name).rejects.toMatchObject({ code: 'bad-policy' })
    }
    expect(await policy('diff', 'git:--help', example)).toMatchObject({ code: 3, out: '' })
    expect(await policy('diff', 'git:HEAD:no/such/folder', example)).toMatchObject({
      code: 3,
      err: expect.stringContaining('no folder'),
    })
    expect(await policy('diff', 'no-such-thing', example)).toMatchObject({
      code: 3,
      err: expect.stringContaining('there is no policy'),
    })
  })

  test('follows no link, and leaves out what begins with a dot', async () => {
    git('init', '-q')
    symlinkSync('/etc/hostname', join(edited, 'link.yaml'))
    writeFileSync(join(edited, '.hidden.yaml'), 'nothing of ours')
    git('add', '-f', '.')
    git('commit', '-qm', 'all')
    const files = await readRevision({ name: 'HEAD', path: '.', directory: edited })
    expect(files.find(({ name }) => name === 'link.yaml')).toEqual({
      name: 'link.yaml',
      problem: expect.stringContaining('link'),
    })
    expect(files.map(({ name }) => name)).not.toContain('.hidden.yaml')
    const grants = files.find(({ name }) => name === 'quant/grants.yaml')
    expect(grants).toEqual({ name: 'quant/grants.yaml', bytes: readFileSync(join(edited, 'quant/grants.yaml')) })
  })
})

describe('a policy that is not there, or is none', () => {
  const ASKED: readonly (readonly string[])[] = [
    ['check'],
    ['test'],
    ['fmt'],
    ['what-can', 'quant'],
    ['who-can', 'read', '/x'],
    ['explain', '--identity', 'quant-research', '--operation', 'OPEN', '--path', '/x'],
    ['slice', '--identity', 'quant-research'],
    ['diff', example],
    ['inspect'],
  ]
  test.each(ASKED)('cannot be used, which is no fault of the command line: %s', async (...words) => {
    const { code, out, err } = await policy(...words, join(folder, 'nowhere'))
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toContain('nowhere')
  })

  test('as a bundle is refused by its name and code', async () => {
    const file = join(folder, 'no-bundle')
    writeFileSync(file, 'nothing')
    for (const words of [
      ['what-can', 'quant'],
      ['who-can', 'read', '/x'],
      ['diff', example],
    ]) {
      expect(await policy(...words, file)).toMatchObject({
        code: 3,
        err: expect.stringContaining(`\`${file}\` is refused, bundle-malformed: `),
      })
    }
  })
})
