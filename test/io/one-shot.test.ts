/** Programs that live for one task: their answers, and that nothing of them stays, however they end. */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runOneShot, startOneShot } from '../../src/io/one-shot.ts'

// Each test starts a program; a busy machine takes seconds for it.
vi.setConfig({ testTimeout: 60_000 })

const PROGRAM = { program: join(import.meta.dirname, 'one-shot-program'), env: {} }
const signal = new AbortController().signal
const run = (task: object, more: { readonly timeoutMs?: number; readonly onNews?: (news: unknown) => void } = {}) =>
  runOneShot<number>({ ...PROGRAM, task, timeoutMs: 50_000, signal, ...more })

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false)

test('what it says on the way is passed on in order, then its answer', async () => {
  const news: unknown[] = []
  const pid = await run({ news: ['one', 'two\n'] }, { onNews: (one) => news.push(one) })
  expect(news).toEqual(['one', 'two\n'])
  await gone(pid)
})

test('an answer is there before the process has ended, and one that lingers is ended', async () => {
  await gone(await run({ lingers: true }))
})

test('one that is killed is an error of ours that says how', async () => {
  await expect(run({ dies: true })).rejects.toMatchObject({
    code: 'internal',
    message: 'one-shot-program (SIGKILL) ended without an answer',
  })
})

test('one that takes too long is called off', async () => {
  await expect(run({ never: true }, { timeoutMs: 1 })).rejects.toThrow('one-shot-program took longer than 0.001 s')
})

test('one that was started ahead takes its task when there is one', async () => {
  const waiting = startOneShot(PROGRAM)
  await gone(await waiting.run<number>({ task: {}, timeoutMs: 50_000, signal }))
})

test('one that was started ahead is told what its task will be about, before the task', async () => {
  const waiting = startOneShot(PROGRAM)
  const news: unknown[] = []
  waiting.prepare({ about: 'é\n' })
  waiting.prepare('more')
  const task = { tells: true }
  await gone(await waiting.run<number>({ task, timeoutMs: 50_000, signal, onNews: (one) => news.push(one) }))
  expect(news).toEqual([[{ about: 'é\n' }, 'more']])
})

test('one that gets no task ends when it is discarded, and takes none afterwards', async () => {
  const waiting = startOneShot(PROGRAM)
  waiting.discard()
  await expect(waiting.run({ task: {}, timeoutMs: 50_000, signal })).rejects.toThrow('ended without an answer')
})
