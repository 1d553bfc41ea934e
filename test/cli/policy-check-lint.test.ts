/** What `policy check` finds in a policy that is valid, what it takes away, and whom it lets do what. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataset, document, folderWith, grant, SMALL, write } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const check = (folder: string, ...args: readonly string[]) => runCli(['policy', 'check', folder, ...args])
const KERBSIDE = join(import.meta.dirname, '..', '..', 'src', 'kerbside.ts')
const DENY = grant('d', { effect: 'deny', actions: ['write'] })
const tested = document('PolicyTest', 't', {
  cases: [{ identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }],
})

describe('severities', () => {
  const folder = () => folderWith({ 'a.yaml': SMALL + DENY })
  test('warnings and notes do not fail; with --strict warnings do', async () => {
    const { code, out } = await check(folder())
    expect(out).toContain('a.yaml:5:70: warning: deny `d` does not say why [unexplained-deny]\n')
    expect(out).toContain('note: no PolicyTest says what team `quant` may do')
    expect(code).toBe(0)
    expect(await check(folder(), '--strict')).toMatchObject({ code: 1 })
  })
  test('--severity hides what is milder, and --strict counts it all the same', async () => {
    const { out } = await check(folder(), '--severity', 'warning')
    expect(out).toContain('unexplained-deny')
    expect(out).not.toContain('untested-team')
    const silent = await check(folder(), '--severity', 'error', '--strict')
    expect(silent.out).toMatch(/^1 cluster/)
    expect(silent.code).toBe(1)
  })
  test('--at is another moment', async () => {
    const late = folderWith({ 'a.yaml': SMALL + grant('g', { actions: ['append'], expires: '2040-01-01T00:00:00Z' }) })
    expect((await check(late, '--at', '2039-12-31T00:00:00Z')).out).toContain('ends within a day')
    expect((await check(late, '--at', '2040-01-01T00:00:00Z')).out).toContain('[expired]')
    expect((await check(late, '--at', 'noon')).code).toBe(2)
  })
})

describe('--fix', () => {
  const OLD = `---
# An experiment.
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: old }
spec: { effect: allow, teams: [quant], datasets: [market], actions: [append], expires: 2020-01-01T00:00:00Z }
`
  const KEPT = `---
# Stays, with its comment.
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: kept }
spec:
  effect: allow   # odd layout
  teams: [quant]
  datasets: [market]
  actions:
    - append
    - mkdir
    - append
`
  const FIXED = KEPT.replace('    - mkdir\n    - append\n', '    - mkdir\n')
  const files = {
    'a.yaml': SMALL + tested,
    'b/grants.yaml': `# head\n${KEPT.slice(4)}${OLD}`,
    'c.yaml': OLD.replace('old', 'older'),
  }

  test('--dry-run prints what would go, and writes nothing', async () => {
    const folder = folderWith(files)
    const { out, err } = await check(folder, '--fix', '--dry-run')
    expect(out).toContain('--- b/grants.yaml\n+++ b/grants.yaml\n')
    expect(out).toContain('-    - append\n')
    expect(out).toContain('-metadata: { name: old }\n')
    expect(out).toContain('[expired]')
    expect(err).toBe('3 things would be taken away\n')
    expect(readFileSync(join(folder, 'b/grants.yaml'), 'utf8')).toBe(files['b/grants.yaml'])
  })
  test('takes away what is over or repeated, and nothing else', async () => {
    const folder = folderWith(files)
    const { code, out, err } = await check(folder, '--fix')
    expect(readFileSync(join(folder, 'b/grants.yaml'), 'utf8')).toBe(`# head\n${FIXED.slice(4)}`)
    expect(readFileSync(join(folder, 'c.yaml'), 'utf8')).toBe('')
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(SMALL + tested)
    expect(err).toBe('3 things taken away\n')
    expect(out).toMatch(/\n1 cluster, 1 identity, 1 dataset, 2 grants, 1 test, bundle sha256:[0-9a-f]{64}\n$/)
    expect(out).not.toContain('[expired]')
    expect(code).toBe(0)
    expect(await check(folder, '--fix')).toMatchObject({ err: '0 things taken away\n' })
  })
  test('not what a test that passes rests on', async () => {
    const past = document('PolicyTest', 'p', {
      cases: [
        {
          identity: 'quant-research',
          operation: 'APPEND',
          path: '/data/market/x',
          time: '2019-01-01T00:00:00Z',
          expect: 'allow',
        },
      ],
    })
    const folder = folderWith({ 'a.yaml': SMALL + past, 'b.yaml': OLD })
    const { code, err } = await check(folder, '--fix')
    expect(err).toBe(
      'kerbside: nothing was taken away, since the test at a.yaml:5 would fail then\n  take it away by hand\n',
    )
    expect(readFileSync(join(folder, 'b.yaml'), 'utf8')).toBe(OLD)
    expect(code).toBe(3)
  })
  test('never a path, whatever its spelling', async () => {
    const text = SMALL + dataset('d', '/data/cafe\u0301')
    const folder = folderWith({ 'a.yaml': text })
    expect((await check(folder, '--fix')).out).toContain('[not-nfc]')
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(text)
  })
  test('a policy that is not valid is left alone', async () => {
    const folder = folderWith({ 'a.yaml': SMALL + OLD, 'b.yaml': 'kind: x\n' })
    expect(await check(folder, '--fix')).toMatchObject({ code: 3 })
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(SMALL + OLD)
  })
  test.each([[['--fix', '--at', '2040-01-01T00:00:00Z']], [['--dry-run']], [['--fix', '--watch']]])(
    '%j is a slip',
    async (args) => {
      expect(await check(folderWith({ 'a.yaml': SMALL }), ...args)).toMatchObject({ code: 2 })
    },
  )
})

describe('--author', () => {
  const delegation = document('Delegation', 'd', { team: 'quant', cluster: 'lab', datasets: ['market'] })
  const base = () => folderWith({ 'a.yaml': SMALL + delegation + dataset('other', '/other', { owner: 'risk' }) })
  const changed = (...texts: readonly string[]) => {
    const folder = base()
    write(folder, 'quant/b.yaml', texts.join(''))
    return folder
  }
  test('a change that is delegated', async () => {
    const { code, out } = await check(
      changed(grant('g', { actions: ['append'] })),
      '--author',
      'quant',
      '--base',
      base(),
    )
    expect(out).not.toContain('error')
    expect(code).toBe(0)
  })
  test('one that is not, with its place and what it would need', async () => {
    const folder = changed(grant('g', { datasets: ['market', 'other'] }))
    const { code, out, err } = await check(folder, '--author', 'quant', '--base', base())
    expect(out).toContain(
      'quant/b.yaml:1:139: error: team `quant` may not do this: dataset `other` is not one of its datasets (delegation `d`) [not-delegated]\n  it would need `other` among its datasets\n',
    )
    expect(err).toBe('1 thing that team `quant` may not do by itself\n')
    expect(code).toBe(1)
  })
  test('the same for code scanning', async () => {
    const { out } = await check(
      changed(delegation.replace('"d"', '"e"')),
      '--author',
      'quant',
      '--base',
      base(),
      '--output',
      'sarif',
    )
    expect(out).toContain('"ruleId": "not-delegated"')
    expect(out).toContain('a document was added, changed or taken away')
  })
  test('without a base every document must be its own', async () => {
    expect(await check(base(), '--author', 'quant')).toMatchObject({
      code: 1,
      out: expect.stringContaining('kind `HadoopCluster` are no team'),
    })
  })
  test('a base in git: what is committed counts, and not what lies beside it', () => {
    const repository = folderWith({ 'policies/a.yaml': SMALL + delegation })
    const run = (program: string, ...args: readonly string[]) =>
      spawnSync(program, args, { cwd: repository, encoding: 'utf8' })
    run('git', 'init', '-q')
    run('git', 'add', '.')
    run('git', '-c', 'user.name=quant', '-c', 'user.email=quant@example.org', 'commit', '-q', '-m', 'base')
    write(repository, 'policies/b.yaml', grant('g', { actions: ['manage'] }))
    const author = () =>
      run(process.execPath, KERBSIDE, 'policy', 'check', '--no-lint', '--author', 'quant', '--base', 'git:HEAD')
    expect(author()).toMatchObject({ status: 0, stderr: '' })
    write(repository, 'policies/a.yaml', SMALL + delegation.replace('"lab"', '"lab","actions":["manage","admin"]'))
    expect(author()).toMatchObject({ status: 1, stdout: expect.stringContaining('`Delegation` are no team') })
  })
  test('slips on the command line', async () => {
    expect(await check(base(), '--base', base())).toMatchObject({ code: 2 })
    expect(await check(base(), '--author', 'qaunt')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean `quant`?'),
    })
    expect(await check(base(), '--author', 'quant', '--base', '/nowhere')).toMatchObject({ code: 3 })
  })
})
