/** How a fault is made and mended, and the one way in which all of them are played: with a job at work, and watched from outside. */
import { expect } from 'vitest'
import type { Fault, Notice, Trouble } from './faults-table.ts'
import { PATIENCE_MS, Stage, type StageOptions, until } from './stage.ts'

export type Scenario = {
  readonly stage?: StageOptions
  /** How many the job makes under the fault, when that is less than usual because each waits. */
  readonly requests?: number
  readonly breaks: (stage: Stage) => Promise<void>
  /** Runs once the fault shows, with assertions of its own. */
  readonly meanwhile?: (stage: Stage) => Promise<void>
  readonly mends: (stage: Stage) => Promise<void>
}

/** Requests that the job makes under a fault that shows, and after it is gone. */
const ENOUGH = 8
/** Longer than the longest pause between two tries. */
const RECOVERY_MS = PATIENCE_MS + 120_000

export async function play(name: string, fault: Fault, scenario: Scenario): Promise<void> {
  const stage = await Stage.open(name, scenario.stage)
  try {
    await playOn(stage, fault, scenario)
  } catch (cause) {
    const told = `${(await stage.standing()).join('\n')}\n${stage.sidecar.log()}`
    throw new Error(`${(cause as Error).message}\n${told}`, { cause })
  } finally {
    await stage.close()
  }
}

async function playOn(
  stage: Stage,
  fault: Fault,
  { requests = ENOUGH, breaks, meanwhile, mends }: Scenario,
): Promise<void> {
  expect(stage.load.takeTroubles(), 'before the fault').toEqual([])
  const before = stage.process()
  const logged = stage.logged().length
  const news = () => stage.logged().slice(logged)
  await breaks(stage)
  await until('the fault to show', () => shows(stage, fault, news()))
  const { asked } = stage.load
  await until('the job to go on', () => stage.load.asked >= asked + requests)
  await meanwhile?.(stage)
  await mends(stage)
  await until('all to be well again', () => isWell(stage), RECOVERY_MS)
  expect(stage.load.takeTroubles(), 'what the job was told').toEqual(fault.job)
  expect(stage.load.leaks, 'what the job may never have').toEqual([])
  expect(stage.process(), 'the same process').toBe(before)
  const changes = news()
  const { engineer } = fault
  if (engineer === undefined)
    expect(changes.filter(({ level, state }) => level !== 'info' || state !== undefined)).toEqual([])
  else if ('code' in engineer) {
    const { state, code } = engineer
    expect(changes.filter((line) => line['state'] === state && line['code'] === code).length, 'lines that say it').toBe(
      1,
    )
  }
}

async function shows(stage: Stage, { engineer }: Fault, news: ReturnType<Stage['logged']>): Promise<boolean> {
  if (engineer === undefined) return true
  if ('warning' in engineer) {
    const isSaid = news.some(({ level, message }) => level === 'warn' && String(message).includes(engineer.warning))
    return isSaid && isMeasured(engineer, await stage.sidecar.metrics())
  }
  const line = (await stage.standing()).find((each) => each.startsWith(`${engineer.part}: ${engineer.state}`))
  if (line?.includes(engineer.says) !== true) return false
  const metrics = await stage.sidecar.metrics()
  return metricsOf(engineer).every((sample) => metrics.includes(`\n${sample}`))
}

/** Whether there is a sample of that name and with these labels. */
function isMeasured({ metric }: Notice, metrics: string): boolean {
  const [name = '', ...labels] = metric.split(/[{,}]/)
  return metrics
    .split('\n')
    .some((sample) => sample.startsWith(name) && labels.every((label) => sample.includes(label)))
}

/** How samples begin that an alert would rest on. */
function metricsOf({ part, state, code }: Trouble): readonly string[] {
  const kind = part.replace(' ', '-')
  return [
    `kerbside_credential_state{kind="${kind}",state="${state}"} 1`,
    `kerbside_credential_failures_total{kind="${kind}",code="${code}"} `,
  ]
}

async function isWell(stage: Stage): Promise<boolean> {
  const [head, ...lines] = await stage.standing()
  const isSaid = (part: string) => lines.some((line) => line.startsWith(`${part}: ready`))
  const isReady = head === 'ready' && ['policy', 'ticket', 'delegation token', 'gateway'].every(isSaid)
  return isReady && stage.load.inARow >= ENOUGH
}
