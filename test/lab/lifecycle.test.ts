/** How labs begin and end, also badly: nothing of one is left, whoever was killed. Runs outside, with labs of a KDC alone. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { cgroupsOf } from './cgroup.ts'
import { isAlive, labFiles, labFolder, labState } from './folder.ts'
import { down, find, up } from './lab.ts'

const HERE = import.meta.dirname
const [ONE, OTHER] = [`one-${process.pid}`, `other-${process.pid}`]
const quiet = () => {}

afterEach(async () => {
  await down(ONE)
  await down(OTHER)
})

/** All that a lab of that name has on this machine. */
function tracesOf(name: string): string[] {
  const folder = labFolder(name)
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder.path))
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && belongsTo(pid, folder.path))
  return [...mounts, ...processes, ...cgroupsOf(folder.cgroup), ...(existsSync(folder.path) ? [folder.path] : [])]
}

function belongsTo(pid: string, path: string): boolean {
  try {
    return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(path))
  } catch {
    return false
  }
}

const namespaces = () =>
  new Set(
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) => ['net', 'mnt', 'pid'].map((kind) => link(`/proc/${pid}/ns/${kind}`))),
  )

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return 'gone'
  }
}

/** The command line, as a person starts it. */
function cli(...args: string[]): ChildProcess & { output: Promise<string> } {
  const child = spawn(process.execPath, [join(HERE, 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  return Object.assign(child, { output: new Promise<string>((resolve) => child.on('close', () => resolve(text))) })
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await wait(20)
}

test('a lab taken down leaves nothing', async () => {
  const lab = await up(['kdc'], { name: ONE, sink: quiet })
  const { init } = labState(lab.folder) as { init: { pid: number } }
  const own = ['net', 'mnt', 'pid'].map((kind) => link(`/proc/${init.pid}/ns/${kind}`))
  expect(tracesOf(ONE)).not.toEqual([])
  await lab.down()
  expect(tracesOf(ONE)).toEqual([])
  expect(own.filter((namespace) => namespaces().has(namespace))).toEqual([])
})

test('two labs side by side do not see each other', async () => {
  const labs = await Promise.all([ONE, OTHER].map((name) => up(['kdc'], { name, sink: quiet })))
  const kinit = ['sh', '-c', 'kinit -k -t $KERBSIDE_LAB/keytabs/quant.keytab -c /run/cache quant']
  for (const lab of labs) expect(await lab.run(kinit)).toBe(0)
  await labs[0]?.down()
  expect(await labs[1]?.run(kinit)).toBe(0)
})

test('of two starts of one lab the second is refused, and takes nothing from the first', async () => {
  const starts = await Promise.allSettled([1, 2].map(() => up(['kdc'], { name: ONE, sink: quiet })))
  const refused = starts.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(refused.reason.message).toMatch(/is being started by another process|is up already/)
  expect((await find(ONE, quiet).status()).parts).toEqual(['kdc'])
})

test('a lab whose starter is killed dies with it, and the next one removes what is left', async () => {
  const script = `import { up } from '${HERE}/lab.ts'; await up(['kdc'], { name: '${ONE}', sink() {} }); process.stdout.write('up')`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', `${script}; setInterval(() => {}, 1e6)`])
  await new Promise((resolve) => starter.stdout.once('data', resolve))
  const { init } = labState(labFolder(ONE)) as { init: { pid: number; startedTicks: number } }
  starter.kill('SIGKILL')
  await until(() => !isAlive(init))
  expect(labState(labFolder(ONE)).is).toBe('stale')
  await up(['kdc'], { name: OTHER, sink: quiet })
  expect(tracesOf(ONE)).toEqual([])
})

test('a lab whose start is killed half way is removed by the next start', async () => {
  const starter = cli('up', '--name', ONE, 'kdc')
  await until(() => existsSync(labFiles(labFolder(ONE)).init))
  starter.kill('SIGKILL')
  await starter.output
  await until(() => labState(labFolder(ONE)).is === 'stale')
  expect(await cli('up', '--name', ONE, 'kdc').output).toContain('is up after')
  expect(await cli('down', '--name', ONE).output).toContain('is gone')
  expect(tracesOf(ONE)).toEqual([])
})

test('the command line leaves a lab that outlives it, and finds it again', async () => {
  await cli('up', '--name', ONE, 'kdc').output
  expect(await find(ONE, quiet).status()).toMatchObject({ parts: ['kdc'], daemons: [{ name: 'kdc' }] })
  expect(await cli('up', '--name', ONE, 'dns').output).toContain('is up after')
  expect((await find(ONE, quiet).status()).parts).toEqual(['kdc', 'dns'])
})

test('a daemon that dies unasked ends the lab at once, with the last lines of its log', async () => {
  const lab = await up(['kdc'], { name: ONE, sink: quiet })
  const running = expect(lab.run(['sleep', '1000'])).rejects.toThrow('kdc was killed by SIGKILL')
  const kdc = (await lab.status()).daemons.find(({ name }) => name === 'kdc')
  // May itself be taken along.
  await lab.run(['kill', '-9', String(kdc?.pid)]).catch(() => {})
  expect((await lab.died).message).toMatch(/^kdc was killed by SIGKILL\n(.*\n)* {2}\| .*commencing operation/)
  await running
  expect(await cli('status', '--name', ONE).output).toContain('kdc was killed by SIGKILL')
})

test('a daemon stopped on purpose ends nothing, and comes back', async () => {
  const lab = await up(['kdc'], { name: ONE, sink: quiet })
  await lab.stop('kdc', 'SIGKILL')
  const kinit = ['sh', '-c', 'kinit -k -t $KERBSIDE_LAB/keytabs/quant.keytab -c /run/cache quant']
  expect(await lab.run(kinit, { stdio: 'ignore' })).not.toBe(0)
  await lab.start('kdc')
  expect(await lab.run(kinit)).toBe(0)
})

test('orphans are reaped, and a command entered from outside ends with who entered', async () => {
  const lab = await up(['dns'], { name: ONE, sink: quiet })
  expect(await lab.run(['sh', '-c', '(sleep 0.1 &); sleep 0.4; ! ps ax -o stat,ppid | grep -q "Z *1$"'])).toBe(0)
  const entered = lab.spawn(['sleep', '4242'], { stdio: 'ignore' })
  await until(() => tracesOf(ONE).length > 0 && readdirSync('/proc').some((pid) => runs(pid, 'sleep\x004242')))
  entered.kill('SIGKILL')
  await until(() => !readdirSync('/proc').some((pid) => runs(pid, 'sleep\x004242')))
})

function runs(pid: string, words: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(words)
  } catch {
    return false
  }
}

test.for([
  { args: ['up', 'hdsf'], says: 'there is no part `hdsf`\n  did you mean `hdfs`?\n' },
  { args: ['up', '--nam', 'x'], says: 'unknown option `--nam`\n  did you mean `--name`?\n' },
  { args: ['upp'], says: 'unknown command `upp`\n  did you mean `up`?\n' },
  {
    args: ['up', '--name', '../x', 'kdc'],
    says: '`../x` is no name for a lab\n  up to 31 small letters, digits and dashes\n',
  },
])('a slip is told in one sentence, and does nothing: $args', async ({ args, says }) => {
  const child = cli(...args)
  expect(await child.output).toBe(says)
  expect(child.exitCode).toBe(2)
})
